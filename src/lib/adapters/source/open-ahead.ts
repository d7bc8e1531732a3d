/**
 * Opens things in their order, some while those before are worked on: what a thread looks at, or a server sends, comes
 * while the engine works.
 * @param ahead so many are opened at a time, before it is their turn
 */
export async function* openAhead<Item, Opened>(
  items: readonly Item[],
  open: (item: Item, signal: AbortSignal) => Promise<Opened>,
  { signal, ahead }: { signal: AbortSignal; ahead: number },
): AsyncGenerator<Opened, void> {
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const opening: Promise<Opened>[] = []
  const begin = (end: number): void => {
    for (const item of items.slice(opening.length, end)) {
      const one = open(item, both)
      one.catch(() => undefined)
      opening.push(one)
    }
  }
  try {
    for (let at = 0; at < items.length; at++) {
      // What was opened before the abort is not worked on, either.
      signal.throwIfAborted()
      begin(at + ahead)
      const opened = (await opening[at]) as Opened
      begin(at + 1 + ahead)
      yield opened
    }
  } finally {
    stop.abort()
    await Promise.allSettled(opening)
  }
}

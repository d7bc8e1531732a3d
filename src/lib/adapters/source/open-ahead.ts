/**
 * Opens things in their order, each while the one before is worked on: what one thread looks at, or a server sends, comes
 * while the engine works.
 */
export async function* openAhead<Item, Opened>(
  items: readonly Item[],
  open: (item: Item, signal: AbortSignal) => Promise<Opened>,
  signal: AbortSignal,
): AsyncGenerator<Opened, void> {
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const begin = (at: number): Promise<Opened> | undefined => {
    const opening = at < items.length ? open(items[at] as Item, both) : undefined
    opening?.catch(() => undefined)
    return opening
  }
  let next = begin(0)
  try {
    for (let at = 0; at < items.length; at++) {
      const opened = (await next) as Opened
      next = begin(at + 1)
      yield opened
    }
  } finally {
    stop.abort()
    await next?.catch(() => undefined)
  }
}

/** `1234567` as `1,234,567`. */
export function countText(n: number | bigint): string {
  return n.toLocaleString('en-US')
}

import { identList } from './names.js'

/**
 * Rows that stand more or less often in a view than its text gives them, over curated as it is. What a warehouse keeps of a
 * view's text is in its own words; what it answers is what is read.
 * @param columns of the view
 * @param text of its file under sql/presentation
 */
export function viewContentQuery(view: string, columns: readonly string[], text: string): string {
  const names = identList(columns)
  return `select case when sum(there) > sum(wanted) then 'more often in the view than its definition gives' else 'less often in the view than its definition gives' end as difference, ${names}
    from (
      select ${names}, 1 as there, 0 as wanted from presentation.${view}
      union all
      select ${names}, 0 as there, 1 as wanted from (
${text}
) defined
    ) met
    group by ${names} having sum(there) <> sum(wanted)`
}

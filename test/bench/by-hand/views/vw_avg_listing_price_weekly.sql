-- +1 and -1 at the days on which listings come and go, then running sums over the weeks.
with days as (
    select currency, active_from as day, count(*) as listings, sum(price) as total
    from curated.dim_listings
    where active_from <= getvariable('as_of') and (active_to is null or active_to >= active_from)
    group by all
    union all
    select currency, active_to + 7, -count(*), -sum(price)
    from curated.dim_listings
    where active_to between active_from and getvariable('as_of')
    group by currency, active_to
), changes as (
    select
        currency, date_trunc('week', day)::date as week_start, sum(listings) as listings,
        (sum(total) * 100)::bigint as cents
    from days
    group by all
), weeks as (
    select unnest(range(min(week_start), getvariable('as_of') + 1, interval 7 days))::date as week_start from changes
), running as (
    select week_start, currency, sum(listings) over w as listings, sum(cents) over w as cents
    from weeks
    cross join (select distinct currency from changes)
    left join changes using (week_start, currency)
    window w as (partition by currency order by week_start)
)
select
    week_start, currency, listings::bigint as active_listings,
    (
        sign(cents)::bigint * ((2 * abs(cents) + listings)::bigint // (2 * listings)::bigint) * 0.01::decimal(3,2)
    )::decimal(12,2) as avg_price
from running
where listings > 0

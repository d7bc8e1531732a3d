-- Average price of the listings that live in a week. Each listing enters at its first week and leaves after its last;
-- running sums over the weeks give count and sum without joining weeks with listings. Counted per day first, so that a
-- week is looked up per day; the calendar ends at the as-of date, and with it all that happens later.
-- grain: one row per week_start, currency
with

entering as (

    select
        currency,
        active_from as day,
        count(*) as listings,
        cast(100 * cast(sum(price) as decimal(20, 2)) as bigint) as cents
    from curated.dim_listings
    where active_to is null or active_to >= active_from
    group by currency, active_from

),

leaving as (

    select
        currency,
        active_to as day,
        count(*) as listings,
        cast(100 * cast(sum(price) as decimal(20, 2)) as bigint) as cents
    from curated.dim_listings
    where active_to >= active_from
    group by currency, active_to

),

steps as (

    select e.currency, d.week_start, e.listings, e.cents
    from entering e
    inner join curated.dim_dates d on e.day = d.day

    union all

    select l.currency, cast(d.week_start + 7 as date) as week_start, -l.listings as listings, -l.cents as cents
    from leaving l
    inner join curated.dim_dates d on l.day = d.day

),

changes as (

    select currency, week_start, sum(listings) as listings, sum(cents) as cents
    from steps
    group by currency, week_start

),

currencies as (

    select distinct currency
    from changes

),

weeks as (

    select distinct week_start
    from curated.dim_dates

),

running as (

    select
        w.week_start,
        c.currency,
        sum(coalesce(s.listings, 0)) over (
            partition by c.currency order by w.week_start rows unbounded preceding
        ) as listings,
        sum(coalesce(s.cents, 0)) over (
            partition by c.currency order by w.week_start rows unbounded preceding
        ) as cents
    from weeks w
    cross join currencies c
    left join changes s on s.week_start = w.week_start and s.currency = c.currency

),

terms as (

    select
        week_start,
        currency,
        cast(listings as bigint) as active_listings,
        case when cents < 0 then -1 else 1 end as sign,
        cast(2 * abs(cents) + listings as decimal(38, 0)) as a,
        cast(2 * listings as decimal(38, 0)) as b
    from running
    where listings > 0

)

select
    week_start,
    currency,
    active_listings,
    cast(sign * cast((a - mod(a, b)) / b as bigint) * cast(0.01 as decimal(12, 2)) as decimal(12, 2)) as avg_price
from terms

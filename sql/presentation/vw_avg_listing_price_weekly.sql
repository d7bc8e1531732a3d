-- Average price of the listings that live in a week. Each listing enters at its first week and leaves after its last;
-- running sums over the weeks give count and sum without joining weeks with listings.
-- grain: one row per week_start, currency
with

lives as (

    select
        l.currency,
        cast(l.price * 100 as bigint) as cents,
        cast(date_trunc('week', l.active_from) as date) as first_week,
        cast(date_trunc('week', least(coalesce(l.active_to, b.as_of), b.as_of)) as date) as last_week
    from curated.dim_listings l
    cross join curated.build b
    where l.active_from <= b.as_of and (l.active_to is null or l.active_to >= l.active_from)

),

steps as (

    select currency, first_week as week_start, count(*) as listings, sum(cents) as cents
    from lives
    group by currency, first_week

    union all

    select currency, cast(last_week + 7 as date) as week_start, -count(*) as listings, -sum(cents) as cents
    from lives
    group by currency, last_week

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
        sum(coalesce(s.listings, 0)) over (partition by c.currency order by w.week_start rows unbounded preceding) as listings,
        sum(coalesce(s.cents, 0)) over (partition by c.currency order by w.week_start rows unbounded preceding) as cents
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

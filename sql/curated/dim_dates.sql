-- Calendar that the views read, from the first month or week with something to show to the as-of date.
-- grain: one row per day
with

booked as (

    select
        min(f.booking_date) as booking_date,
        min(f.checkin_date) as checkin_date
    from curated.fact_bookings f
    cross join curated.build b
    where f.booking_date <= b.as_of

),

starts as (

    select l.active_from as day
    from curated.dim_listings l
    cross join curated.build b
    where l.active_from <= b.as_of and (l.active_to is null or l.active_to >= l.active_from)

    union all

    select booking_date as day
    from booked

    union all

    -- The first of all is the first of those that are not in the future, if there is one.
    select k.checkin_date as day
    from booked k
    cross join curated.build b
    where k.checkin_date <= b.as_of

),

earliest as (

    select min(day) as day
    from starts

),

bounds as (

    select
        least(cast(date_trunc('month', e.day) as date), cast(date_trunc('week', e.day) as date)) as first_day,
        b.as_of as last_day
    from earliest e
    cross join curated.build b
    where e.day is not null

),

digits as (

    select 0 as n
    union all select 1
    union all select 2
    union all select 3
    union all select 4
    union all select 5
    union all select 6
    union all select 7
    union all select 8
    union all select 9

),

thousand as (

    select 100 * h.n + 10 * t.n + u.n as n
    from digits h
    cross join digits t
    cross join digits u

),

days as (

    select cast(b.first_day + cast(1000 * t.n + u.n as integer) as date) as day
    from bounds b
    inner join thousand t on 1000 * t.n <= cast(b.last_day - b.first_day as integer)
    inner join thousand u on 1000 * t.n + u.n <= cast(b.last_day - b.first_day as integer)

)

select
    day,
    cast(date_trunc('week', day) as date) as week_start,
    cast(date_trunc('month', day) as date) as month_start
from days

-- Customers of the last 30 days, and those of them who booked at least twice. From a booking to the next one of its user
-- the user is active for 30 days, and a repeat customer until the booking before it is 30 days old: +1 and -1 on the
-- calendar, without joining days with bookings.
-- grain: one row per day
with

bookings as (

    select
        f.booking_date as day,
        lag(f.booking_date) over (partition by f.user_id order by f.booking_date) as day_before,
        lead(f.booking_date) over (partition by f.user_id order by f.booking_date) as day_after
    from curated.fact_bookings f
    cross join curated.build b
    where f.booking_date <= b.as_of and f.user_id is not null

),

spans as (

    select
        day,
        least(cast(day + 30 as date), coalesce(day_after, cast(day + 30 as date))) as active_to,
        least(cast(day_before + 30 as date), coalesce(day_after, cast(day_before + 30 as date))) as repeat_to,
        day_before
    from bookings

),

steps as (

    select day, count(*) as active, sum(case when day_before is not null and repeat_to > day then 1 else 0 end) as repeating
    from spans
    group by day

    union all

    select active_to as day, -count(*) as active, 0 as repeating
    from spans
    group by active_to

    union all

    select repeat_to as day, 0 as active, -count(*) as repeating
    from spans
    where day_before is not null and repeat_to > day
    group by repeat_to

),

changes as (

    select day, sum(active) as active, sum(repeating) as repeating
    from steps
    group by day

),

days as (

    select
        d.day,
        sum(coalesce(c.active, 0)) over (order by d.day rows unbounded preceding) as active,
        sum(coalesce(c.repeating, 0)) over (order by d.day rows unbounded preceding) as repeating
    from curated.dim_dates d
    left join changes c on c.day = d.day

),

terms as (

    select
        day,
        cast(active as bigint) as active_customers,
        cast(repeating as bigint) as repeat_customers,
        cast(2000000 * repeating + active as decimal(38, 0)) as a,
        cast(2 * active as decimal(38, 0)) as b
    from days
    where active > 0

)

select
    day,
    active_customers,
    repeat_customers,
    cast(cast((a - mod(a, b)) / b as bigint) * cast(0.000001 as decimal(9, 6)) as decimal(9, 6)) as repeat_rate
from terms

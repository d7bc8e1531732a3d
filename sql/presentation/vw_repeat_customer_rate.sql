-- Customers of the last 30 days, and those of them who booked at least twice. A booking is young for 30 days. Of the n
-- young bookings that a user has on a day, n - 1 follow a young one, and n - 2 follow two: of the first two numbers 1
-- is left where there is any booking, of the last two where there are several. They are added up as +1 and -1 on the
-- calendar, without joining days with bookings. A booking looks at earlier ones alone, and the calendar ends at the
-- as-of date: later ones change nothing before it.
-- To sort one number is far quicker than to sort within each user, so user and day are one. The days from 1900 to 2199
-- are fewer than 131072 by so many that 30 back are never another user's. Ids that leave no room for them are apart.
-- grain: one row per day
with

numbers as (

    select user_id * 131072 + (booking_date - date '1900-01-01') as number
    from curated.fact_bookings
    where booking_date is not null and user_id between 0 and 70368744177663

),

neighbours as (

    select
        number,
        lag(number) over (order by number) as number_before,
        lag(number, 2) over (order by number) as number_before_that
    from numbers

),

near as (

    select
        mod(number, 131072) as day,
        case when number_before > number - 30 then mod(number_before, 131072) end as day_before,
        case when number_before_that > number - 30 then mod(number_before_that, 131072) end as day_before_that,
        count(*) as bookings
    from neighbours
    group by 1, 2, 3

),

bookings_of_others as (

    select
        booking_date as day,
        lag(booking_date) over (partition by user_id order by booking_date) as day_before,
        lag(booking_date, 2) over (partition by user_id order by booking_date) as day_before_that
    from curated.fact_bookings
    where booking_date is not null and (user_id < 0 or user_id > 70368744177663)

),

young as (

    select
        cast(date '1900-01-01' + cast(day as integer) as date) as day,
        cast(date '1900-01-01' + cast(day_before as integer) as date) as day_before,
        cast(date '1900-01-01' + cast(day_before_that as integer) as date) as day_before_that,
        bookings
    from near

    union all

    select
        day,
        case when day_before > day - 30 then day_before end as day_before,
        case when day_before_that > day - 30 then day_before_that end as day_before_that,
        count(*) as bookings
    from bookings_of_others
    group by 1, 2, 3

),

steps as (

    select
        day,
        sum(case when day_before is null then bookings else 0 end) as active,
        sum(case when day_before is not null and day_before_that is null then bookings else 0 end) as repeating
    from young
    group by day

    union all

    select cast(day + 30 as date) as day, -sum(bookings) as active, 0 as repeating
    from young
    group by day

    union all

    select cast(day_before + 30 as date) as day, sum(bookings) as active, -sum(bookings) as repeating
    from young
    where day_before is not null
    group by day_before

    union all

    select cast(day_before_that + 30 as date) as day, 0 as active, sum(bookings) as repeating
    from young
    where day_before_that is not null
    group by day_before_that

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
    cast(
        cast((a - mod(a, b)) / b as bigint) * cast(0.000001 as decimal(9, 6)) as decimal(9, 6)
    ) as repeat_rate
from terms

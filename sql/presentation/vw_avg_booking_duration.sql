-- Nights of a stay by month of check-in. Stays are counted per length first: average and median come from the counts.
-- grain: one row per month_start
with

lengths as (

    select
        cast(date_trunc('month', f.checkin_date) as date) as month_start,
        case when f.checkout_date > f.checkin_date then cast(f.checkout_date - f.checkin_date as integer) end as nights,
        count(*) as stays
    from curated.fact_bookings f
    cross join curated.build b
    where f.booking_date <= b.as_of and f.checkin_date <= b.as_of
    group by 1, 2

),

counted as (

    select
        month_start,
        nights,
        stays,
        sum(case when nights is not null then stays else 0 end) over (partition by month_start) as total,
        sum(case when nights is not null then stays else 0 end) over (partition by month_start order by nights rows unbounded preceding) as up_to
    from lengths

),

months as (

    select
        month_start,
        cast(sum(case when nights is not null then stays else 0 end) as decimal(38, 0)) as stays,
        cast(sum(case when nights is not null then nights * stays else 0 end) as decimal(38, 0)) as nights,
        min(case when 2 * up_to >= total then nights end) as lower_median,
        min(case when 2 * up_to > total then nights end) as upper_median,
        sum(case when nights is null then stays else 0 end) as invalid_stays
    from counted
    group by month_start

)

select
    month_start,
    cast(stays as bigint) as stays,
    case
        when stays > 0
            then cast(cast((200 * nights + stays - mod(200 * nights + stays, 2 * stays)) / (2 * stays) as bigint) * cast(0.01 as decimal(10, 2)) as decimal(10, 2))
    end as avg_nights,
    cast((lower_median + upper_median) * cast(0.5 as decimal(2, 1)) as decimal(10, 1)) as median_nights,
    cast(invalid_stays as bigint) as invalid_stays
from months

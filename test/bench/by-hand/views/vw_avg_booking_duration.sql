-- Counted by pairs of days first: of them there are few, so months and nights are worked out for few rows.
with pairs as (
    select checkin_date, checkout_date, count(*) as stays
    from curated.fact_bookings
    where booking_date <= getvariable('as_of') and checkin_date <= getvariable('as_of')
    group by all
), lengths as (
    select
        date_trunc('month', checkin_date)::date as month_start,
        case when checkout_date > checkin_date then checkout_date - checkin_date end as nights,
        sum(stays)::bigint as stays
    from pairs
    group by all
), counted as (
    select
        *,
        sum(stays) filter (nights is not null) over (partition by month_start) as total,
        sum(stays) filter (nights is not null) over (partition by month_start order by nights) as up_to
    from lengths
), months as (
    select
        month_start,
        coalesce(sum(stays) filter (nights is not null), 0)::bigint as stays,
        sum(nights * stays)::bigint as nights,
        min(nights) filter (2 * up_to >= total) as lower_median,
        min(nights) filter (2 * up_to > total) as upper_median,
        coalesce(sum(stays) filter (nights is null), 0)::bigint as invalid_stays
    from counted
    group by month_start
)
select
    month_start, stays,
    case
        when stays > 0 then ((200 * nights + stays) // (2 * stays) * 0.01::decimal(3,2))::decimal(10,2)
    end as avg_nights,
    ((lower_median + upper_median) * 0.5)::decimal(10,1) as median_nights,
    invalid_stays
from months

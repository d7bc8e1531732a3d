-- Nights of a stay by month of check-in. Stays are counted first, by their two days and then by length: of these there
-- are few, and average and median come from the counts. The calendar ends at the as-of date: stays that begin after it
-- find no day there.
-- grain: one row per month_start
with

pairs as (

    select
        f.checkin_date,
        f.checkout_date,
        count(*) as stays
    from curated.fact_bookings f
    cross join curated.build b
    where f.booking_date <= b.as_of
    group by f.checkin_date, f.checkout_date

),

lengths as (

    select
        d.month_start,
        case when p.checkout_date > p.checkin_date then cast(p.checkout_date - p.checkin_date as integer) end as nights,
        cast(sum(p.stays) as bigint) as stays
    from pairs p
    inner join curated.dim_dates d on p.checkin_date = d.day
    group by 1, 2

),

counted as (

    select
        month_start,
        nights,
        stays,
        case when nights is not null then stays else 0 end as valid_stays,
        sum(case when nights is not null then stays else 0 end) over (partition by month_start) as total,
        sum(case when nights is not null then stays else 0 end) over (
            partition by month_start order by nights rows unbounded preceding
        ) as up_to
    from lengths

),

months as (

    select
        month_start,
        cast(sum(valid_stays) as decimal(38, 0)) as stays,
        cast(sum(valid_stays * coalesce(nights, 0)) as decimal(38, 0)) as nights,
        min(case when 2 * up_to >= total then nights end) as lower_median,
        min(case when 2 * up_to > total then nights end) as upper_median,
        cast(sum(stays - valid_stays) as bigint) as invalid_stays
    from counted
    group by month_start

),

terms as (

    select
        month_start,
        cast(stays as bigint) as stays,
        lower_median + upper_median as two_medians,
        invalid_stays,
        cast(200 * nights + stays as decimal(38, 0)) as a,
        cast(case when stays > 0 then 2 * stays end as decimal(38, 0)) as b
    from months

)

select
    month_start,
    stays,
    cast(cast((a - mod(a, b)) / b as bigint) * cast(0.01 as decimal(10, 2)) as decimal(10, 2)) as avg_nights,
    cast(two_medians * cast(0.5 as decimal(2, 1)) as decimal(10, 1)) as median_nights,
    invalid_stays
from terms

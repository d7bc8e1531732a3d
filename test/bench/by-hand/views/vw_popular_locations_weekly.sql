with places as (
    select date_trunc('week', booking_date)::date as week_start, cityname, state, count(*) as bookings
    from curated.fact_bookings
    join curated.dim_listings using (listing_id)
    where booking_date <= getvariable('as_of')
    group by all
)
select *, rank() over (partition by week_start order by bookings desc) as location_rank
from places

-- severity: warn
-- scope: rules
-- grain: one row per listing or booking with a negative price
-- message: prices are not negative
select 'dim_listings' as table_name, listing_id as id, price as amount
from curated.dim_listings
where price < 0
union all
select 'fact_bookings' as table_name, booking_id as id, total_price as amount
from curated.fact_bookings
where total_price < 0

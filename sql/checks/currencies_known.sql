-- severity: warn
-- scope: rules
-- grain: one row per row with an odd currency
-- message: a currency is three letters (ISO 4217)
select 'dim_listings' as table_name, listing_id as id, currency
from curated.dim_listings
where length(currency) <> 3 or translate(currency, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '') <> ''
union all
select 'fact_bookings' as table_name, booking_id as id, currency
from curated.fact_bookings
where length(currency) <> 3 or translate(currency, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '') <> ''

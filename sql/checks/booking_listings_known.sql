-- severity: warn
-- scope: rules
-- grain: one row per booking whose listing is unknown
-- message: the listing of a booking stands in curated.dim_listings
select f.booking_id, f.listing_id
from curated.fact_bookings f
left join curated.dim_listings l on f.listing_id = l.listing_id
where l.listing_id is null

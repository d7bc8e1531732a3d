-- severity: warn
-- scope: rules
-- grain: one row per listing that lies nowhere
-- message: latitude is within 90 degrees, longitude within 180
select listing_id, latitude, longitude
from curated.dim_listings
where latitude < -90 or latitude > 90 or longitude < -180 or longitude > 180

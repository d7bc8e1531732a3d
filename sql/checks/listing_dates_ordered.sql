-- severity: warn
-- scope: rules
-- grain: one row per listing that ends before it begins
-- message: a listing is modified after it was created
select listing_id, active_from, active_to
from curated.dim_listings
where active_to < active_from

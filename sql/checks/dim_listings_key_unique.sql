-- severity: error
-- scope: rules
-- grain: one row per listing that stands twice
-- message: curated.dim_listings holds one row per listing
select listing_id, count(*) as copies
from curated.dim_listings
group by listing_id
having count(*) > 1

-- Listings that can be priced and placed, with the time of their life (semantics.md, "Life of a listing").
-- grain: one row per listing_id
select
    a.id as listing_id,
    a.title,
    a.source,
    a.price,
    {{upper_currency}} as currency,
    cast(a.listing_created_on as date) as listing_created_on,
    a.is_active,
    a.last_modified_timestamp,
    t.category,
    t.amenities,
    t.bathrooms,
    t.bedrooms,
    t.fee,
    t.has_photo,
    t.pets_allowed,
    t.price_display,
    t.price_type,
    t.square_feet,
    t.address,
    t.cityname,
    t.state,
    t.latitude,
    t.longitude,
    cast(a.listing_created_on as date) as active_from,
    case
        when a.is_active then cast(null as date)
        else cast(coalesce(a.last_modified_timestamp, a.listing_created_on) as date)
    end as active_to
from raw_data.stg_apartments a
inner join raw_data.stg_apartment_attributes t on a.id = t.id
where a.price is not null and t.cityname is not null
-- incremental: and a.id in (select listing_id from curated.changed_listings)

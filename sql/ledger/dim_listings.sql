-- Ledger of curated.dim_listings: rows of raw that come in, and why some are left out, by the first rule that holds.
-- grain: one row per rule
select 'rows_in' as rule, count(*) as n
from raw_data.stg_apartments a
where 1 = 1
-- incremental: and a.id in (select listing_id from curated.changed_listings)

union all

select
    case
        when t.id is null then 'no_attributes'
        when a.price is null then 'null_price'
        else 'null_cityname'
    end as rule,
    count(*) as n
from raw_data.stg_apartments a
left join raw_data.stg_apartment_attributes t on a.id = t.id
where (t.id is null or a.price is null or t.cityname is null)
-- incremental: and a.id in (select listing_id from curated.changed_listings)
group by 1

union all

-- Counted beside the equation: attributes without an apartment come from nowhere in it.
select 'beside:no_apartment' as rule, count(*) as n
from raw_data.stg_apartment_attributes t
left join raw_data.stg_apartments a on a.id = t.id
where a.id is null
-- incremental: and t.id in (select listing_id from curated.changed_listings)

-- Rows on both sides of each step, counted apart, and a digest of each table of raw.
create table raw_data.load_log as
with source as (
    select 'stg_apartments' as name, count(*) as rows_in from apartments_text
    union all
    select 'stg_apartment_attributes', count(*) from apartment_attributes_text
    union all
    select 'stg_bookings', count(*) from bookings_text
    union all
    select 'stg_user_viewing', count(*) from user_viewing_text
), lake as (
    select 'stg_apartments' as name, count(*) as lake_rows, count(_rule) as bad from 'apartments.parquet'
    union all
    select 'stg_apartment_attributes', count(*), count(_rule) from 'apartment_attributes.parquet'
    union all
    select 'stg_bookings', count(*), count(_rule) from 'bookings.parquet'
    union all
    select 'stg_user_viewing', count(*), count(_rule) from 'user_viewing.parquet'
), raw as (
    select 'stg_apartments' as name, count(*) as rows_out, count(_nullified) as nullified, bit_xor(hash(t)) as digest
    from raw_data.stg_apartments t
    union all
    select 'stg_apartment_attributes', count(*), count(_nullified), bit_xor(hash(t))
    from raw_data.stg_apartment_attributes t
    union all
    select 'stg_bookings', count(*), count(_nullified), bit_xor(hash(t)) from raw_data.stg_bookings t
    union all
    select 'stg_user_viewing', count(*), count(_nullified), bit_xor(hash(t)) from raw_data.stg_user_viewing t
)
select
    name, rows_in, rows_out, bad, nullified, n as copies, digest,
    abs(rows_in - lake_rows) + abs(lake_rows - rows_out - bad) as unexplained
from source
join lake using (name)
join raw using (name)
join copies using (name);

create table curated.ledger as
select 'dim_listings' as name, count(*) as rows_in, (select count(*) from curated.dim_listings) as rows_out,
    count(*) filter (t.id is null or a.price is null or t.cityname is null) as filtered
from raw_data.stg_apartments a
left join raw_data.stg_apartment_attributes t using (id)
union all
select
    'fact_bookings', sum(n), (select count(*) from curated.fact_bookings),
    sum(n) filter (status is distinct from 'confirmed')
from (select lower(booking_status) as status, count(*) as n from raw_data.stg_bookings group by all)
union all
select
    'fact_user_views', (select count(*) from raw_data.stg_user_viewing),
    (select count(*) from curated.fact_user_views), 0
union all
select 'dim_users', count(distinct user_id), (select count(*) from curated.dim_users), 0
from (
    select distinct user_id from raw_data.stg_user_viewing
    union all
    select distinct user_id from raw_data.stg_bookings
);
checkpoint;

select name, error(name || ' does not balance')
from (
    select name, unexplained, copies from raw_data.load_log
    union all
    select name, rows_in - rows_out - filtered, 0 from curated.ledger
)
where unexplained <> 0 or copies > 0;
select name, rows_in, rows_out, bad, nullified, copies from raw_data.load_log;

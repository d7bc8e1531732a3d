-- Source, lake, raw, as load.sql, with rows of which a rule takes nothing kept apart.
copy apartments to 'apartments.parquet';
copy apartment_attributes to 'apartment_attributes.parquet';
copy bookings to 'bookings.parquet';
copy user_viewing to 'user_viewing.parquet';

-- Keys that stand twice: none where the column in whose order a source is written rises from each row to the next.
-- This needs the rows as they lie in the file; what comes after does not.
create temp table copies as
select 'stg_apartments' as name, count(*) filter (id <= before) as n
from (select id, lag(id) over () as before from 'apartments.parquet' where _rule is null)
union all
select 'stg_apartment_attributes', count(*) filter (id <= before)
from (select id, lag(id) over () as before from 'apartment_attributes.parquet' where _rule is null)
union all
select 'stg_bookings', count(*) filter (booking_id <= before)
from (select booking_id, lag(booking_id) over () as before from 'bookings.parquet' where _rule is null)
union all
select 'stg_user_viewing', count(*) filter (viewed_at <= before)
from (select viewed_at, lag(viewed_at) over () as before from 'user_viewing.parquet' where _rule is null);
set preserve_insertion_order = false;

create schema raw_data;
create table raw_data.stg_apartments as
select * exclude (_rule, _row) from 'apartments.parquet' where _rule is null;
create table raw_data.stg_apartment_attributes as
select * exclude (_rule, _row) from 'apartment_attributes.parquet' where _rule is null;
create table raw_data.stg_bookings as
select * exclude (_rule, _row) from 'bookings.parquet' where _rule is null;
create table raw_data.stg_user_viewing as
select * exclude (_rule, _row) from 'user_viewing.parquet' where _rule is null;

create table raw_data.quarantine as
select 'stg_apartments' as name, _rule, _row from 'apartments.parquet' where _rule is not null
union all
select 'stg_apartment_attributes', _rule, _row from 'apartment_attributes.parquet' where _rule is not null
union all
select 'stg_bookings', _rule, _row from 'bookings.parquet' where _rule is not null
union all
select 'stg_user_viewing', _rule, _row from 'user_viewing.parquet' where _rule is not null;

-- Source, lake, raw; nothing is checked.
-- Without the order of rows all threads write, and nothing is packed anew at the end.
set preserve_insertion_order = false;

copy apartments to 'apartments.parquet';
copy apartment_attributes to 'apartment_attributes.parquet';
copy bookings to 'bookings.parquet';
copy user_viewing to 'user_viewing.parquet';

create schema raw_data;
create table raw_data.stg_apartments as from 'apartments.parquet';
create table raw_data.stg_apartment_attributes as from 'apartment_attributes.parquet';
create table raw_data.stg_bookings as from 'bookings.parquet';
create table raw_data.stg_user_viewing as from 'user_viewing.parquet';

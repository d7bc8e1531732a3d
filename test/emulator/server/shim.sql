create schema if not exists rs;
create or replace function rs.getdate() returns timestamp language sql stable as $$select date_trunc('microseconds', (now() at time zone 'utc')::timestamp)$$;
create or replace function rs.sysdate_() returns timestamp language sql stable as $$select (now() at time zone 'utc')$$;
create or replace function rs.nvl(variadic a anycompatiblearray) returns anycompatible language sql immutable as $$select x from unnest(a) with ordinality u(x,i) where x is not null order by i limit 1$$;
create or replace function rs.nvl2(a anyelement, b anycompatible, c anycompatible) returns anycompatible language sql immutable as $$select case when a is not null then b else c end$$;
create or replace function rs.dateadd(u text, n bigint, t timestamp) returns timestamp language sql immutable as $$
 select t + case lower(u) when 'quarter' then make_interval(months=>(3*n)::int) when 'qtr' then make_interval(months=>(3*n)::int) when 'week' then make_interval(weeks=>n::int) else (n||' '||u)::interval end$$;
create or replace function rs.datediff(u text, a timestamp, b timestamp) returns bigint language sql immutable as $$
 select case lower(rtrim(u,'s'))
  when 'year' then extract(year from b)-extract(year from a)
  when 'quarter' then (extract(year from b)*4+extract(quarter from b))-(extract(year from a)*4+extract(quarter from a))
  when 'month' then (extract(year from b)*12+extract(month from b))-(extract(year from a)*12+extract(month from a))
  when 'week' then ((date_trunc('week',b+interval '1 day')::date-date_trunc('week',a+interval '1 day')::date)/7)
  when 'day' then (b::date-a::date)
  when 'hour' then extract(epoch from date_trunc('hour',b)-date_trunc('hour',a))/3600
  when 'minute' then extract(epoch from date_trunc('minute',b)-date_trunc('minute',a))/60
  when 'second' then extract(epoch from date_trunc('second',b)-date_trunc('second',a)) end::bigint$$;
create or replace function rs.strtol(s text, base int) returns bigint language plpgsql immutable strict as $$
 declare r numeric:=0; c text; d int; neg bool:=false; begin s:=lower(trim(s)); if left(s,1)='-' then neg:=true; s:=substr(s,2); end if; if base=16 and left(s,2)='0x' then s:=substr(s,3); end if;
 foreach c in array string_to_array(s,null) loop d:=strpos('0123456789abcdefghijklmnopqrstuvwxyz',c)-1; if d<0 or d>=base then raise exception 'The input % is not valid to be converted to base %',s,base; end if; r:=r*base+d; end loop;
 if neg then r:=-r; end if; return r::bigint; end$$;
create or replace function rs.iavg_fin(a bigint[]) returns bigint language sql immutable as $$select case when a[1]=0 then null else a[2]/a[1] end$$;
create or replace function rs.iavg_fin8(a numeric[]) returns bigint language sql immutable as $$select case when a[1]=0 then null else trunc(a[2]/a[1])::bigint end$$;
create or replace function rs.iacc8(a numeric[], x bigint) returns numeric[] language sql immutable as $$select case when x is null then a else array[a[1]+1,a[2]+x] end$$;
do $$ begin
 create aggregate rs.avg(int)(sfunc=pg_catalog.int4_avg_accum, stype=bigint[], finalfunc=rs.iavg_fin, initcond='{0,0}');
 create aggregate rs.avg(smallint)(sfunc=pg_catalog.int2_avg_accum, stype=bigint[], finalfunc=rs.iavg_fin, initcond='{0,0}');
 create aggregate rs.avg(bigint)(sfunc=rs.iacc8, stype=numeric[], finalfunc=rs.iavg_fin8, initcond='{0,0}');
exception when duplicate_function then null; end $$;
create or replace function rs.last_day(d timestamp) returns date language sql immutable as $$select (date_trunc('month',d)+interval '1 month - 1 day')::date$$;
create or replace function rs.date_diff(u text, a timestamp, b timestamp) returns bigint language sql immutable as $$select rs.datediff(u, a, b)$$;
create or replace function rs.convert_timezone(zone text, t timestamp) returns timestamp language sql stable as $$select (t at time zone 'utc') at time zone zone$$;
create or replace function rs.convert_timezone(source text, zone text, t timestamp) returns timestamp language sql stable as $$select (t at time zone source) at time zone zone$$;
create or replace view rs.svv_redshift_columns as
select c.table_catalog::varchar as database_name, c.table_schema::varchar as schema_name, c.table_name::varchar, c.column_name::varchar,
  c.ordinal_position::int, case
    when c.domain_name like 'varchar\_%' escape '\' then 'character varying(' || split_part(c.domain_name, '_', 2) || ')'
    when c.data_type = 'numeric' then 'numeric(' || coalesce(c.numeric_precision, 38) || ',' || coalesce(c.numeric_scale, 0) || ')'
    when c.data_type = 'character varying' then 'character varying(' || coalesce(c.character_maximum_length, 65535) || ')'
    when c.data_type = 'text' then 'character varying(65535)'
    else c.data_type end::varchar as data_type,
  c.column_default::varchar, c.is_nullable::varchar, ''::varchar as encoding, false as distkey, 0 as sortkey, ''::varchar as column_acl, ''::varchar as remarks
from information_schema.columns c where c.table_schema not in ('pg_catalog', 'information_schema', 'rs');
create or replace view rs.svv_redshift_tables as
select t.table_catalog::varchar as database_name, t.table_schema::varchar as schema_name, t.table_name::varchar,
  case t.table_type when 'BASE TABLE' then 'TABLE' else t.table_type end::varchar as table_type, ''::varchar as table_acl, ''::varchar as remarks
from information_schema.tables t where t.table_schema not in ('pg_catalog', 'information_schema', 'rs');
create or replace view rs.svv_redshift_schemas as
select current_database()::varchar as database_name, n.nspname::varchar as schema_name, n.nspowner::int as schema_owner, 'local'::varchar as schema_type,
  ''::varchar as schema_acl, ''::varchar as schema_option
from pg_namespace n where n.nspname not like 'pg\_%' escape '\' and n.nspname not in ('information_schema', 'rs');
grant usage on schema rs to public;
grant select on all tables in schema rs to public;
grant create on schema public to public;

-- The rules of the cells. x is a text of the source, v what the engine's cast makes of it: where v prints as x, the
-- cast is right. (Alone it is not: it takes 1e3, 1_000, 0x1F, 24:00:00 and 2024-1-5.) Else the form of x is looked at.
create temp macro bare(x) as trim(x, E' \t\r\n');
create temp macro is_null_word(x) as
    x is null or bare(x) = '' or bare(x) = '\N' or lower(bare(x)) in ('null', 'none', 'nan', 'n/a');
create temp macro is_number(x) as regexp_full_match(bare(x), '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)');
create temp macro is_whole(x) as regexp_full_match(bare(x), '[+-]?([0-9]+(\.0*)?|\.0+)');
create temp macro whole(x) as regexp_replace(regexp_replace(bare(x), '\..*$', ''), '^[+-]?$', '0');
create temp macro time_of_day() as '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]';
create temp macro iso(x) as
    case
        when regexp_full_match(bare(x), '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]' || time_of_day() || '(\.[0-9]{1,6})?Z?)?')
            then replace(replace(bare(x), 'T', ' '), 'Z', '')
        when regexp_full_match(bare(x), '[0-9]{2}/[0-9]{2}/[0-9]{4}( ' || time_of_day() || ')?')
            then bare(x)[7:10] || '-' || bare(x)[4:5] || '-' || bare(x)[1:2] || bare(x)[11:]
    end;
create temp macro in_calendar(v) as v >= timestamp '1900-01-01' and v < timestamp '2200-01-01';

create temp macro as_bigint(x, v) as
    case when v::varchar = x then v when is_whole(x) then try_cast(whole(x) as bigint) end;
create temp macro as_integer(x, v) as
    case when v::varchar = x then v when is_whole(x) then try_cast(whole(x) as integer) end;
create temp macro as_money(x, v) as
    case when v::varchar = x then v when is_number(x) then try_cast(bare(x) as decimal(10,2)) end;
create temp macro as_rooms(x, v) as
    case when v::varchar = x then v when is_number(x) then try_cast(bare(x) as decimal(4,1)) end;
create temp macro as_degrees(x, v) as
    case when v::varchar = x then v when is_number(x) then try_cast(bare(x) as decimal(9,6)) end;
create temp macro as_date(x, v) as
    case
        when v::varchar = x and v between date '1900-01-01' and date '2199-12-31' then v
        when in_calendar(try_cast(iso(x) as timestamp)) then try_cast(iso(x) as timestamp)::date
    end;
create temp macro as_timestamp(x, v) as
    case
        when v::varchar = x and in_calendar(v) then v
        when in_calendar(try_cast(iso(x) as timestamp)) then try_cast(iso(x) as timestamp)
    end;
-- No list of five words or more after IN: the engine makes a join of it, and a join gives up the order of the file.
create temp macro as_boolean(x) as
    case
        when x = 'true' or x = '1' then true
        when x = 'false' or x = '0' then false
        when lower(bare(x)) in ('true', '1', 't') or lower(bare(x)) in ('yes', 'y') then true
        when lower(bare(x)) in ('false', '0', 'f') or lower(bare(x)) in ('no', 'n') then false
    end;
create temp macro cut(x) as
    case
        when strlen(x) <= 65535 then x
        else coalesce(
            try(decode(encode(x)[1:65535])), try(decode(encode(x)[1:65534])), try(decode(encode(x)[1:65533])),
            try(decode(encode(x)[1:65532])))
    end;
-- What begins above a blank and ends with none needs no trimming.
create temp macro as_text(x) as
    case
        when x < '!' or ends_with(x, ' ') or ends_with(x, chr(9)) or ends_with(x, chr(10)) or ends_with(x, chr(13))
            then case when bare(x) in ('', '\N') or lower(bare(x)) = 'null' then null else cut(bare(x)) end
        when x = '\N' or (strlen(x) = 4 and lower(x) = 'null') then null
        else cut(x)
    end;
create temp macro is_bad(x, v) as case when v is null then not is_null_word(x) else false end;
create temp macro key_rule(x, v, name) as
    case when v is null then case when is_null_word(x) then 'null_key:' else 'bad_value:' end || name end;
create temp macro value_rule(x, v, name) as case when is_bad(x, v) then 'bad_value:' || name end;
create temp macro nullified(x, v, name) as case when is_bad(x, v) then name end;

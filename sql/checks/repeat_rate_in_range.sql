-- severity: error
-- scope: views
-- grain: one row per day whose rate is impossible
-- message: the repeat rate is between 0 and 1, and repeat customers are active
select day, active_customers, repeat_customers, repeat_rate
from presentation.vw_repeat_customer_rate
where repeat_rate < 0 or repeat_rate > 1 or repeat_customers > active_customers or repeat_customers < 0

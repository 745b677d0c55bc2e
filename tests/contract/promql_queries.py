"""Queries that the demo's PromQL and Prometheus must answer alike: written ones, and made-up ones."""

from hypothesis import strategies as st

OF_RANGES = (
    *("rate", "increase", "delta", "irate", "idelta", "deriv", "resets", "changes"),
    *(
        f"{name}_over_time"
        for name in ("avg", "min", "max", "sum", "count", "last", "stddev", "stdvar", "present")
    ),
)
OF_VECTORS = (*("abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "round", "sin", "deg"),)
OF_TIMES = ("minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year")
AGGREGATES = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")
OTHERS = """
1 + 2 * 3 ^ 2 ^ 0.5
-2 ^ 2
7 % 3 - -7 % 3
1 / 0
0 / 0
time()
pi() * 2
vector(time()) - 5
scalar(memory{cluster="east"}) + 1
scalar(memory)
memory
{__name__=~"memory|info"}
{cluster="east", __name__!~"lat.*"}
requests_total{code!="200", cluster=~"e.*|w.*"}
memory offset 7m
memory offset -3m
memory @ 1780304400
memory @ start() offset 2m
memory @ end()
rate(requests_total[4m] @ 1780304400)
rate(requests_total[4m] offset 11m)
sum by (cluster) (rate(requests_total[5m]))
sum without (instance, code) (requests_total)
sum by (nothing) (memory)
topk(2, memory)
bottomk(1, memory)
topk by (code) (1, requests_total)
bottomk(2, odd)
quantile(0.25, memory)
quantile by (code) (0.9, requests_total)
quantile(-1, memory)
quantile(2, memory)
count_values("value", steps)
count_values by (name) ("value", steps)
histogram_quantile(0.5, latency_bucket)
histogram_quantile(0.99, sum by (cluster, le) (rate(latency_bucket[5m])))
histogram_quantile(0.01, rate(latency_bucket[2m]))
histogram_quantile(1, latency_bucket)
histogram_quantile(-0.1, latency_bucket)
histogram_quantile(1.1, latency_bucket)
histogram_quantile(0.9, latency_bucket * 0)
histogram_quantile(0.9, sum by (le) (latency_bucket))
memory + 1
1 - memory
memory > 500
500 > memory
memory > bool 500
3 < bool 4
memory == memory
memory != bool memory
memory + on(cluster) info
memory * on(cluster) group_left(version, zone) info
info * on(cluster) group_right(version) requests_total
requests_total / ignoring(code, instance) group_left sum by (cluster) (requests_total)
memory / ignoring(version, zone) info
{__name__=~"memory|info", cluster="east"} + on(cluster) group_left(version) info
rate({__name__=~"memory|info"}[5m])
memory > on(cluster) group_left(zone) (info * 490)
memory and info
memory and on(cluster) (info{zone="e"})
memory unless on(cluster) info{zone="e"}
memory or info
memory or on(cluster) info
requests_total{code="200"} or on(cluster) memory
short or on(cluster) memory
memory and on() short
absent(memory)
absent(nothing{cluster="east", code=~"2.*"})
absent(nothing{cluster="east", cluster="west"})
absent(short{cluster="east"})
absent(sum(nothing))
absent_over_time(short{cluster="east"}[5m])
absent_over_time(nothing{a="b"}[5m])
label_replace(memory, "short", "$1-x", "cluster", "(.).*")
label_replace(memory, "cluster", "", "cluster", "east")
label_replace(memory, "new", "${first}$$", "cluster", "(?P<first>..).*")
label_replace(memory, "new", "x", "missing", "")
label_join(info, "both", "-", "zone", "version", "none")
label_join(info, "empty", "")
clamp(memory, 450, 520)
clamp(memory, 520, 450)
clamp_min(memory, 500)
clamp_max(odd, 0.5)
clamp_min(odd, 0.5)
round(memory, 25)
round(memory / 100, 0.1)
timestamp(memory)
timestamp(memory + 1)
timestamp(vector(1))
sort(memory)
sort_desc(memory)
-memory
-(odd)
odd * 2
odd > 0
odd == odd
sum(odd)
min(odd or memory)
max(odd or memory)
stddev_over_time(odd[5m])
max_over_time(odd[10m])
min_over_time(odd[10m])
avg_over_time(odd[10m])
changes(odd[10m])
resets(odd[10m])
hour()
days_in_month(clock)
year(clock)
predict_linear(memory[10m], 3600)
predict_linear(memory[10m] offset 5m, 600)
predict_linear(short[10m], time() - 1780300800)
quantile_over_time(0.75, memory[10m])
quantile_over_time(1.5, memory[10m])
rate(requests_total[5m:1m])
max_over_time(memory[20m:150s])
avg_over_time(sum by (cluster) (rate(requests_total[2m]))[10m:45s])
max_over_time(rate(requests_total{code="404"}[3m])[15m:] offset 4m)
sum_over_time(vector(1)[10m:1m])
max_over_time(vector(time())[10m:1m])
max_over_time(memory[10m:1m] @ 1780304400)
rate(short[5m])
increase(short[10m])
rate(requests_total[20s])
count_over_time(memory[30s])
sum(rate(requests_total{code="500"}[5m])) / sum(rate(requests_total[5m])) * 100
100 * sum by (cluster) (rate(requests_total{code!~"5.."}[5m])) / sum by (cluster) (rate(requests_total[5m]))
memory ^ 2 % 7
sum by (name) (steps) atan2 2
"""
QUERIES = (
    *(
        f"{name}({of}[{length}])"
        for name in OF_RANGES
        for of, length in (("requests_total", "5m"), ("memory", "95s"))
    ),
    *(f"{name}({of})" for name in OF_VECTORS for of in ("odd", "memory", "clock")),
    *(f"{name}(clock)" for name in OF_TIMES),
    *(f"{name} by (code) (requests_total)" for name in AGGREGATES),
    *(f"{name} without (code, instance) (requests_total)" for name in AGGREGATES),
    *(f"{name}(memory)" for name in AGGREGATES),
    *OTHERS.strip().splitlines(),
)
NUMBERS = st.sampled_from(["0", "1", "2.5", "-3", "1e3"])
NAMES = st.sampled_from(["memory", "info", "odd", "short", 'requests_total{code="200"}', "requests_total"])
LENGTHS = st.sampled_from(["45s", "2m", "5m", "17m"])
ARITHMETIC = st.sampled_from(["+", "-", "*", "/", "%", ">", "<=", "== bool", "!="])
SELECTORS = st.builds("{}{}".format, NAMES, st.sampled_from(["", " offset 6m", " offset -90s", " @ 1780303000"]))
VECTORS = st.recursive(
    st.one_of(
        SELECTORS,
        st.builds("{}({}[{}])".format, st.sampled_from(OF_RANGES), NAMES, LENGTHS),
        st.builds("sum by (cluster) (rate({}[{}]))".format, NAMES, LENGTHS),
    ),
    lambda inner: st.one_of(
        st.builds("{}({})".format, st.sampled_from(OF_VECTORS[:9]), inner),
        st.builds("{}({})".format, st.sampled_from(AGGREGATES[:6]), inner),
        st.builds("({} {} {})".format, inner, ARITHMETIC, NUMBERS),
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or", "unless"]), inner),
        st.builds("(sum by (cluster) ({}) {} on(cluster) sum by (cluster) ({}))".format, inner, ARITHMETIC, inner),
        st.builds("max_over_time({}[{}:1m])".format, inner, LENGTHS),
    ),
    max_leaves=4,
)

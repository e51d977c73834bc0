"""Letters of authority (委托书): who may file for whom, which item, from day to day, and how it is proven."""

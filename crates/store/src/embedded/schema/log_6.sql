-- carehook.log schema 6: deliveries that failed or were called off are found by themselves
CREATE INDEX deliveries_given_up ON deliveries (endpoint) WHERE state >= 2;

"""AWS Lambda: functions, environments, concurrency, invocation and the asynchronous event queue."""

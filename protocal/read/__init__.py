"""Files in, typed values and problems out: the only place that knows YAML and pydantic."""

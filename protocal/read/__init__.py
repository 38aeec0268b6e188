"""Files -> typed values and problems: the only place that knows YAML and pydantic."""

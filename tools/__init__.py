"""What tests, benchmarks and the scripts of the documentation share."""

# Each target is one line into cargo; `make` prints what there is.
.PHONY: help run test test-kernel check bench
help:
	@cargo xtask make-help
run:
	@cargo xtask run
test:
	@cargo xtask test
test-kernel:
	@cargo xtask kernel
check:
	@cargo xtask check
bench:
	@cargo xtask bench first-call

.PHONY: demo test

demo:
	@python3 launch.py demo

test:
	@python3 launch.py test

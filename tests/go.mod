module github.com/swimpair/swim/tests

go 1.26.0

require (
	github.com/swimpair/swim/detector v0.0.0
	github.com/swimpair/swim/disseminator v0.0.0
	github.com/swimpair/swim/internal v0.0.0
	github.com/swimpair/swim/proto v0.0.0
)

replace (
	github.com/swimpair/swim/detector => ../detector
	github.com/swimpair/swim/disseminator => ../disseminator
	github.com/swimpair/swim/internal => ../internal
	github.com/swimpair/swim/proto => ../proto
)

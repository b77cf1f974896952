package paper

import "time"

// pauseFails reports whether a node that stands still for d is failed by anybody, and how
// many wrong words about others there are.
func pauseFails(s system, n int, d time.Duration) (failed bool, wrong int) {
	s.pass(10 * time.Second)
	s.stop(n / 2)
	s.pass(d)
	s.goOn(n / 2)
	s.pass(30 * time.Second)
	for _, death := range deaths(s) {
		if death.subject == n/2 {
			failed = true
		} else {
			wrong++
		}
	}
	return failed, wrong
}

// oneStarved is a small cluster, one node of which is starved for a minute.
func oneStarved(s system, n int) verdicts {
	s.pass(10 * time.Second)
	s.starve(n - 1)
	s.pass(time.Minute)
	return count(deaths(s), func(i int) bool { return i == n-1 })
}

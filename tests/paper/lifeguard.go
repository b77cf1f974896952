package paper

import "time"

// The experiments of Lifeguard (Dadgar, Phillips, Currey 2018), section V. An anomaly stops
// the handling of messages at a member; its timers go on. A failure event counts once for
// each member that says so.

// interval: c members are sick for d and well for i, by turns, for some minutes.
func interval(s system, c int, d, i, length time.Duration) verdicts {
	s.pass(15 * time.Second)
	for end := s.now() + length; s.now() < end; {
		for k := range c {
			s.hold(k)
		}
		s.pass(d)
		for k := range c {
			s.release(k)
		}
		s.pass(i)
	}
	s.pass(10 * time.Second)
	return count(deaths(s), func(k int) bool { return k < c })
}

// threshold: c of n members have one anomaly of length d, all at once. It returns how long it
// took until the first healthy member said of a sick one that it had failed, and until all of
// them had, for those of the sick of which they did.
func threshold(s system, n, c int, d time.Duration) (first, full []time.Duration, v verdicts) {
	s.pass(15 * time.Second)
	from := s.now()
	for k := range c {
		s.hold(k)
	}
	s.pass(d)
	for k := range c {
		s.release(k)
	}
	s.pass(20 * time.Second)
	all := deaths(s)
	for k := range c {
		said := map[int]time.Duration{}
		for _, death := range all {
			if _, before := said[death.observer]; death.subject == k && death.observer >= c && !before {
				said[death.observer] = death.at - from
			}
		}
		if len(said) == 0 {
			continue
		}
		earliest, latest := time.Hour, time.Duration(0)
		for _, at := range said {
			earliest, latest = min(earliest, at), max(latest, at)
		}
		first = append(first, earliest)
		if len(said) == n-c {
			full = append(full, latest)
		}
	}
	return first, full, count(all, func(k int) bool { return k < c })
}

package paper

import (
	"slices"
	"time"
)

// The experiments of Rapid (Suresh et al. 2018): ten of a thousand processes are sick, and
// exactly these should be out, once and for all, in the eyes of all others.

// illness is what the sick ones have. second is called at the beginning of each.
type illness struct {
	name   string
	lasts  time.Duration
	second func(s system, sick []int, second int)
}

var illnesses = []illness{
	{"crash", 60 * time.Second, crash},
	{"flip-flop, ingress", 80 * time.Second, flipFlop(ingress)},
	{"flip-flop, egress", 80 * time.Second, flipFlop(egress)},
	{"80 % loss, ingress", 75 * time.Second, lossy(ingress)},
	{"80 % loss, egress", 75 * time.Second, lossy(egress)},
}

func crash(s system, sick []int, second int) {
	if second == 0 {
		for _, i := range sick {
			s.silence(i)
		}
	}
}

// flipFlop loses everything for 20 s, nothing for 20 s, and so on.
func flipFlop(way direction) func(s system, sick []int, second int) {
	return func(s system, sick []int, second int) {
		for _, i := range sick {
			switch second % 40 {
			case 0:
				s.lose(i, way, 1)
			case 20:
				s.lose(i, way, 0)
			}
		}
	}
}

// lossy loses four of five messages.
func lossy(way direction) func(s system, sick []int, second int) {
	return func(s system, sick []int, second int) {
		if second == 0 {
			for _, i := range sick {
				s.lose(i, way, 0.8)
			}
		}
	}
}

// stability is what the healthy members saw of the sick ones, and of each other.
type stability struct {
	out          int           // sick ones that all healthy members hold for failed at the end
	outAt        time.Duration // when the last of them did so for the first time; 0: never
	flips        float64       // changes per sick one and healthy member: 1 is out, and out for good
	healthy      int           // members that are well and were ever failed by one that is well
	bySick       int           // the same, by one that is sick
	sizes        int           // distinct sizes of the group that healthy members saw, second by second
	fewest, most []float64     // held for failed, second by second, by the healthy member that holds the fewest, or the most
	messages     float64       // per member and second
}

// ill lets the experiment begin after a while of rest, and tells what came of it.
func ill(s system, n, howMany int, what illness) (r stability) {
	var sick, well []int
	for i := range n {
		if k := n / howMany; i%k == k/2 && len(sick) < howMany {
			sick = append(sick, i)
		} else {
			well = append(well, i)
		}
	}
	s.pass(15 * time.Second)
	from, sent := s.now(), s.sent()
	for second := range int(what.lasts / time.Second) {
		what.second(s, sick, second)
		s.pass(time.Second)
	}
	r.messages = float64(s.sent()-sent) / float64(n) / what.lasts.Seconds()

	isSick := func(i int) bool { return slices.Contains(sick, i) }
	changes := slices.DeleteFunc(s.changes(), func(c change) bool { return c.at < from })
	r.judge(changes, sick, well, isSick, from)
	r.measure(n, sizes(changes, well, n, from, s.now()))
	return r
}

func (r *stability) judge(changes []change, sick, well []int, isSick func(i int) bool, from time.Duration) {
	outs := map[[2]int]bool{} // by observer and subject: what it says at last
	everOut := map[[2]int]bool{}
	wrong, wrongOfSick := map[int]bool{}, map[int]bool{}
	for _, c := range changes {
		pair := [2]int{c.observer, c.subject}
		switch {
		case isSick(c.observer):
			if !c.live && !isSick(c.subject) {
				wrongOfSick[c.subject] = true
			}
		case isSick(c.subject):
			r.flips += 1 / float64(len(sick)*len(well))
			outs[pair] = !c.live
			if !c.live && !everOut[pair] {
				everOut[pair] = true
				r.outAt = max(r.outAt, c.at-from)
			}
		case !c.live:
			wrong[c.subject] = true
		}
	}
	r.healthy, r.bySick = len(wrong), len(wrongOfSick)
	if len(everOut) < len(sick)*len(well) {
		r.outAt = 0
	}
	for _, i := range sick {
		if !slices.ContainsFunc(well, func(o int) bool { return !outs[[2]int{o, i}] }) {
			r.out++
		}
	}
}

func (r *stability) measure(n int, sizes [][]int) {
	distinct := map[int]bool{}
	for _, second := range sizes {
		for _, size := range second {
			distinct[size] = true
		}
		r.fewest = append(r.fewest, float64(n-slices.Max(second)))
		r.most = append(r.most, float64(n-slices.Min(second)))
	}
	r.sizes = len(distinct)
}

package sim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Draw makes a script of faults from a seed: first faults come and go as they like (of
// which safety is judged), then all that can be mended is, some of what is dead stays dead,
// and there is time enough to agree (of which liveness is judged).
func Draw(seed uint64, n int, calm time.Duration) string {
	d := &drawing{rng: rand.New(rand.NewPCG(seed, 1)), n: n, down: map[int]bool{}, ill: map[int]string{}, half: map[int]string{}}
	if n <= 9 { // more do not fit on one host
		d.say("nodes %d", n)
	} else {
		d.say("formed %d", n)
	}
	d.pass()
	for range 6 + d.rng.IntN(10) {
		d.fault()
		d.pass()
	}
	d.mendAll()
	d.say("run %s", calm)
	return d.script.String()
}

// drawing is a script that is being drawn, and what state it has brought the nodes to.
type drawing struct {
	rng    *rand.Rand
	n      int
	script strings.Builder
	down   map[int]bool   // nothing of it runs
	half   map[int]string // the half that does not run
	ill    map[int]string // what ends it: resume, wake or feed
	cut    bool
	loss   bool
}

func (d *drawing) say(format string, args ...any) { fmt.Fprintf(&d.script, format+"\n", args...) }

// pass lets 50 ms to 6 s pass: short times are as likely as long ones.
func (d *drawing) pass() {
	d.say("run %s", time.Duration(50<<d.rng.IntN(7)+d.rng.IntN(2800))*time.Millisecond)
}

func (d *drawing) node() int { return 1 + d.rng.IntN(d.n) }

func (d *drawing) pick(words ...string) string { return words[d.rng.IntN(len(words))] }

// fault draws one thing that goes wrong, or right again.
func (d *drawing) fault() {
	id := d.node()
	switch {
	case d.down[id]:
		d.say("restart %d%s", id, d.pick("", "", " clock -1h", " clock 1h"))
		delete(d.down, id)
	case d.half[id] != "":
		d.say("restart %d %s", id, d.half[id])
		delete(d.half, id)
	case d.ill[id] != "":
		d.say("%s %d", d.ill[id], id)
		delete(d.ill, id)
	case d.rng.IntN(3) == 0:
		d.networkFault(id)
	default:
		d.nodeFault(id)
	}
}

func (d *drawing) nodeFault(id int) {
	switch what := d.pick("kill", "poweroff", "stop", "half", "half", "pause", "pause", "pause half", "suspend", "starve", "lie"); what {
	case "kill", "poweroff":
		d.say("%s %d", what, id)
		d.down[id] = true
	case "stop":
		d.say("stop %d\nrun 4s", id)
		d.down[id] = true
	case "half":
		d.half[id] = d.pick("detector", "disseminator")
		d.say("kill %d %s", id, d.half[id])
	case "pause":
		d.say("pause %d", id)
		d.ill[id] = "resume"
	case "pause half":
		d.say("pause %d %s", id, d.pick("detector", "disseminator"))
		d.ill[id] = "resume"
	case "suspend":
		d.say("suspend %d", id)
		d.ill[id] = "wake"
	case "starve":
		d.say("starve %d", id)
		d.ill[id] = "feed"
	case "lie":
		if about := d.node(); about != id {
			d.say("lie %d about %d", id, about)
		}
	}
}

func (d *drawing) networkFault(id int) {
	switch other := d.node(); {
	case d.cut:
		d.say("mend")
		d.cut = false
	case d.loss:
		d.say("loss 0%%")
		d.loss = false
	case d.rng.IntN(4) == 0:
		d.say("loss %d%%", 1+d.rng.IntN(20))
		d.loss = true
	case other == id:
		d.say("cut %d %s *%s", id, d.pick("->", "<->"), d.pick("", "", " detector", " disseminator"))
		d.cut = true
	case d.rng.IntN(2) == 0:
		d.say("cut %d %s %d", id, d.pick("->", "<->"), other)
		d.cut = true
	default:
		d.say("cut %s <-> %s", d.list(1, d.n/2), d.list(d.n/2+1, d.n))
		d.cut = true
	}
}

func (d *drawing) list(from, to int) string {
	var ids []string
	for id := from; id <= to; id++ {
		ids = append(ids, fmt.Sprint(id))
	}
	return strings.Join(ids, ",")
}

// mendAll ends what can be ended. A node that is down, or a half, may stay so.
func (d *drawing) mendAll() {
	d.say("mend\nloss 0%%")
	for id := 1; id <= d.n; id++ {
		if d.ill[id] != "" {
			d.say("%s %d", d.ill[id], id)
		}
		if stays := d.rng.IntN(3) == 0; stays {
			continue
		}
		if d.down[id] {
			d.say("restart %d", id)
		} else if d.half[id] != "" {
			d.say("restart %d %s", id, d.half[id])
		}
	}
}

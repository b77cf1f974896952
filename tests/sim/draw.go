package sim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Mode is what a drawn schedule is for.
type Mode string

// The modes. Safety: faults come and go all the time, and what may never happen is judged
// at each step. Liveness: fewer of them do; then they stop, or some stay for good, and what
// is well has to agree in time.
const (
	Safety   Mode = "safety"
	Liveness Mode = "liveness"
)

// Draw makes a script of faults from a seed.
func Draw(seed uint64, n int, mode Mode) string {
	d := &drawing{
		rng: rand.New(rand.NewPCG(seed, 1)), n: n, last: n, oneHost: n <= 9, // more do not fit on one
		down: map[int]bool{}, ill: map[int]string{}, half: map[int]string{},
		forgotten: map[int]bool{}, apart: map[int]bool{}, kept: map[int]bool{}, once: map[string]bool{},
	}
	if d.oneHost {
		d.say("nodes %d", n)
	} else {
		d.say("formed %d", n)
	}
	d.pass()
	faults := 6 + d.rng.IntN(10)
	if mode == Safety {
		faults *= 2
	}
	for range faults {
		d.fault()
		d.pass()
	}
	if mode == Liveness {
		d.mendAll()
		if d.crowd > 0 { // who is on its way in has no other way in
			d.say("run 15s")
		}
		d.stay()
		d.say("run %s", 2*Defaults.Bound(d.last+d.crowd)+d.comeback())
	}
	return d.script.String()
}

// comeback is how much longer a run takes that who was failed again and again comes back in.
func (d *drawing) comeback() time.Duration {
	if d.rng.IntN(4) > 0 {
		return 0
	}
	return Defaults.Comeback
}

// drawing is a script that is being drawn, and what state it has brought the nodes to.
type drawing struct {
	rng     *rand.Rand
	n       int
	last    int // the highest id
	hosts   int // that somebody moved to
	crowd   int // how many joined at once
	oneHost bool
	script  strings.Builder
	down    map[int]bool   // nothing of it runs
	half    map[int]string // the half that does not run
	ill     map[int]string // what ends it: resume, wake, feed or lose
	// forgotten: at the end it comes back, and only the others know where it was.
	forgotten map[int]bool
	apart     map[int]bool // nothing more is done to it: its end is open, or another has its place
	kept      map[int]bool // it has to come back, and at its old address: some look for it only there
	once      map[string]bool
	cut       bool
	loss      bool
}

func (d *drawing) say(format string, args ...any) { fmt.Fprintf(&d.script, format+"\n", args...) }

// pass lets 50 ms to 6 s pass: short times are as likely as long ones.
func (d *drawing) pass() {
	d.say("run %s", time.Duration(50<<d.rng.IntN(7)+d.rng.IntN(2800))*time.Millisecond)
}

func (d *drawing) node() int { return 1 + d.rng.IntN(d.n) }

func (d *drawing) pick(words ...string) string { return words[d.rng.IntN(len(words))] }

// first reports whether that is done for the first time in this script.
func (d *drawing) first(what string) bool {
	before := d.once[what]
	d.once[what] = true
	return !before
}

// well reports whether nothing was done to a node that is not mended.
func (d *drawing) well(id int) bool {
	return !d.down[id] && d.half[id] == "" && d.ill[id] == "" && !d.apart[id]
}

// fault draws one thing that goes wrong, or right again.
func (d *drawing) fault() {
	id := d.node()
	switch {
	case d.apart[id]:
		d.networkFault(d.node())
	case d.down[id]:
		d.comeBack(id)
	case d.half[id] != "":
		d.say("restart %d %s", id, d.half[id])
		delete(d.half, id)
	case d.ill[id] != "":
		d.cure(id)
	case d.rng.IntN(3) == 0:
		d.networkFault(id)
	case d.rng.IntN(3) == 0:
		d.story(id)
	default:
		d.nodeFault(id)
	}
}

// cure ends what is wrong with a node that runs.
func (d *drawing) cure(id int) {
	what := d.ill[id]
	if delete(d.ill, id); what == "lose" {
		d.say("lose %d 0%%", id)
	} else {
		d.say("%s %d", what, id)
	}
}

// comeBack starts a node that is down, or another one in its place.
func (d *drawing) comeBack(id int) {
	delete(d.down, id)
	delete(d.forgotten, id)
	switch how := d.pick("", "", "clock", "host", "alone", "at"); {
	case how == "clock":
		d.say("restart %d clock %s", id, d.pick("-1h", "1h"))
	case how == "host" && !d.kept[id] && d.first("moved"): // if all move at once, nobody knows where to
		d.say("restart %d host %s", id, d.elsewhere(id))
	case how == "alone":
		d.comeBackAlone(id)
	case how == "at" && !d.kept[id] && !d.loss: // another node has its place; the old one stays away
		d.apart[id] = true
		d.last++
		d.say("kill %d\nstart %d at %d", id, d.last, id)
	default:
		d.say("restart %d", id)
	}
}

// comeBackAlone starts a node that is down without MEMBERS, if the others have its address in theirs.
func (d *drawing) comeBackAlone(id int) {
	if d.oneHost && !d.once["moved"] && d.first("alone") {
		d.say("restart %d alone", id)
		d.kept[id] = true
	} else {
		d.say("restart %d", id)
	}
	delete(d.down, id)
}

// elsewhere is a host that nobody had so far.
func (d *drawing) elsewhere(id int) string {
	d.hosts++
	return fmt.Sprintf("10.9.%d.%d", id, d.hosts)
}

func (d *drawing) nodeFault(id int) {
	switch what := d.pick("kill", "poweroff", "stop", "leave", "half", "half", "pause", "pause", "pause half", "suspend", "starve", "lose", "lie", "lie", "clock", "bounce", "bounce"); what {
	case "stop", "leave":
		d.say("%s %d\nrun 4s", what, id)
		d.down[id] = true
	case "kill", "poweroff":
		d.say("%s %d", what, id)
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
	case "lose": // some of its messages, or nearly all
		d.say("lose %d %d%% %s", id, 10+d.rng.IntN(91), d.pick("in", "out", ""))
		d.ill[id], d.once["lose"] = "lose", true
	case "lie":
		d.lie(id, 1)
	case "clock":
		d.say("clock %d %s", id, d.pick("-1h", "-300ms", "300ms", "1h"))
	case "bounce": // back before anybody has noticed
		d.say("kill %d\nrun %dms\nrestart %d", id, 1+d.rng.IntN(300), id)
	}
}

// lie has a node say the same that is not so, again and again.
func (d *drawing) lie(id, times int) {
	about := d.node()
	what := d.pick("failed", "suspect", "left", "future", "far", "old", "ghost")
	if about == id {
		return
	}
	if what == "ghost" {
		about += 200
	}
	for range times {
		d.say("lie %d about %d %s", id, about, what)
		if times > 1 {
			d.say("run %dms", 500+d.rng.IntN(2000))
		}
	}
}

// story draws what takes several steps in a row to go wrong.
func (d *drawing) story(id int) {
	other := d.node()
	switch what := d.pick("liar", "forget", "double", "most", "crowd", "pauses", "missed", "missed", "lies", "roll"); {
	case what == "liar":
		d.lie(id, 6)
	case other == id || !d.well(other):
		d.nodeFault(id)
	case what == "pauses": // just about what is forgiven
		for range 3 {
			d.say("pause %d\nrun %dms\nresume %d\nrun 1s", id, 700+d.rng.IntN(900), id)
		}
	case what == "lies" && !d.cut && d.n > 2:
		d.liesUnheard(id, other)
	case what == "roll" && d.n <= 3 && d.crowd == 0 && d.first("crowd"):
		d.gather(id)
		d.say("run 6s")
		d.roll()
	case what == "forget": // while somebody cannot hear of it
		third := d.node()
		if third == id || third == other || !d.well(third) {
			third = 0
		}
		d.say("kill %d\nrun 9s", id)
		if third != 0 {
			d.say("pause %d", third)
		}
		d.say("run 500ms\nforget %d %d\nrun 500ms", other, id)
		if third != 0 {
			d.say("resume %d", third)
		}
		d.down[id], d.forgotten[id] = true, true
	case what == "missed" && !d.cut && d.n > 2: // a member dies in another life than somebody has heard of
		d.say("partition one %d\nrun 12s\nkill %d\nrun 10s\nmend\nrun 3s\nlie %d about %d old", other, id, d.node(), id)
		d.down[id] = true
	case what == "double" && !d.kept[id] && (d.n > 2 || d.first("moved")) && d.first(what):
		if !d.cut && d.rng.IntN(2) == 0 {
			d.say("partition one %d\nrun 8s", id)
			d.cut = true
		}
		d.say("start %d host %s", id, d.elsewhere(id))
		d.apart[id] = true
	case what == "most" && d.n > 3 && d.first(what):
		d.most(d.pick("kill", "poweroff", "pause"))
	case what == "crowd" && d.first(what):
		d.gather(id)
	default:
		d.nodeFault(id)
	}
}

// liesUnheard: while one node cannot hear it, a member outbids a liar again and again.
func (d *drawing) liesUnheard(liar, cutOff int) {
	about := d.node()
	if about == liar || about == cutOff || !d.well(about) {
		d.lie(liar, 1)
		return
	}
	d.say("partition one %d\nrun 2s", cutOff)
	for range 4 {
		d.say("lie %d about %d future\nrun 1s", liar, about)
	}
	d.say("run 10s\nmend")
}

// gather has some join at once.
func (d *drawing) gather(via int) {
	d.crowd = 2 + d.rng.IntN(4)
	d.say("crowd %d via %d", d.crowd, via)
	d.kept[via] = true
}

// roll has all nodes leave, one after another. Who has joined through them is left alone, and
// when they come back they know nothing of it.
func (d *drawing) roll() {
	for id := 1; id <= d.n; id++ {
		if d.well(id) {
			d.say("stop %d\nrun 4s", id)
			d.down[id] = true
		}
	}
	d.say("run 4s")
}

// most strikes more than half at once.
func (d *drawing) most(what string) {
	var ids []string
	for id := 1; id <= d.n && 2*len(ids) <= d.n; id++ {
		if !d.well(id) {
			continue
		}
		ids = append(ids, fmt.Sprint(id))
		if what == "pause" {
			d.ill[id] = "resume"
		} else {
			d.down[id] = true
		}
	}
	if len(ids) > 0 {
		d.say("%s %s", what, strings.Join(ids, ","))
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
	case d.rng.IntN(3) == 0: // what nobody may notice
		d.say("%s", d.pick("duplicate 20%", "duplicate 0%", "reorder 20% 40ms", "reorder 0%", "latency 2ms 4"))
	case d.rng.IntN(3) == 0 && d.n > 2:
		d.say("partition %s", d.pick("halves", "ring", fmt.Sprintf("one %d", id), fmt.Sprintf("bridge %d", id)))
		d.cut = true
	case other == id:
		d.say("cut %d %s *%s", id, d.pick("->", "<->"), d.pick("", "", " detector", " disseminator"))
		d.cut = true
	default:
		d.say("cut %d %s %d", id, d.pick("->", "<->"), other)
		d.cut = true
	}
}

// mendAll ends what can be ended. A node that is down, or a half, may stay so.
func (d *drawing) mendAll() {
	d.say("mend\nloss 0%%")
	for id := 1; id <= d.n; id++ {
		if d.ill[id] != "" {
			d.cure(id)
		}
		if stays := d.rng.IntN(3) == 0; stays && !d.kept[id] && !d.forgotten[id] {
			continue
		}
		if d.down[id] && d.forgotten[id] {
			d.comeBackAlone(id)
		} else if d.down[id] {
			d.comeBack(id)
		} else if d.half[id] != "" {
			d.say("restart %d %s", id, d.half[id])
			delete(d.half, id)
		}
	}
}

// stay draws a fault that is there for good: the others have to agree all the same.
func (d *drawing) stay() {
	id, other := d.node(), d.node()
	switch what := d.pick("", "", "half", "one way", "both ways", "deaf", "lossy", "starved", "bridge", "dark half"); {
	case what == "half" && d.well(id) && !d.kept[id]:
		d.say("kill %d %s", id, d.pick("detector", "disseminator"))
	case what == "" || id == other || d.n < 3:
	case what == "one way":
		d.say("cut %d -> %d", id, other)
	case what == "both ways":
		d.say("cut %d <-> %d", id, other)
	case what == "deaf":
		d.say("cut * -> %d", id)
	case what == "lossy": // not what it sends: next to nobody hears of its accusations, and the accused may not
		d.say("lose %d 80%% in", id)
	case what == "starved":
		d.say("starve %d", id)
	case what == "bridge":
		d.say("partition bridge %d", id)
	case what == "dark half" && d.crowd == 0: // who has just come back has to find somebody
		d.most("poweroff")
	}
}

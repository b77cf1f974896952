package probe_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

func TestAPingIsAnsweredForTheNodeThatIsMeant(t *testing.T) {
	former := in(member("4"), swim.Failed)
	for name, c := range map[string]struct {
		in   probe.PingReceived
		want bool
	}{
		"my id":                         {probe.PingReceived{TargetID: me}, true},
		"my id and instance":            {probe.PingReceived{TargetID: me, TargetInstance: instanceOf(me)}, true},
		"my address":                    {probe.PingReceived{TargetAddress: member(me).DetectorAddress}, true},
		"another name of my address":    {probe.PingReceived{TargetAddress: "localhost:50051"}, true},
		"the address of a failed node":  {probe.PingReceived{TargetAddress: former.DetectorAddress}, true},
		"nobody in particular":          {probe.PingReceived{}, true},
		"another id":                    {probe.PingReceived{TargetID: "2"}, false},
		"an unknown id":                 {probe.PingReceived{TargetID: "42"}, false},
		"another instance of me":        {probe.PingReceived{TargetID: me, TargetInstance: 99}, false},
		"another instance, by address":  {probe.PingReceived{TargetAddress: member(me).DetectorAddress, TargetInstance: 99}, false},
		"the address of a live node":    {probe.PingReceived{TargetAddress: member("2").DetectorAddress}, false},
		"the address of a suspect node": {probe.PingReceived{TargetAddress: member("3").DetectorAddress}, false},
		"my id at another's address":    {probe.PingReceived{TargetID: me, TargetAddress: member("2").DetectorAddress}, false},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, member("2"), in(member("3"), swim.Suspect), former, contact("localhost:50051"))
			c.in.Call = 5
			got := only[probe.AnswerPing](t, n.step(c.in))
			want := probe.AnswerPing{Call: 5, IsAlive: c.want, Responder: member(me), Digest: digestOf(n.now.Mono-time.Hour, member(me), member("2"), member("3"))}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestBeforeTheDisseminatorIsMetPingsAreAnsweredById(t *testing.T) {
	for name, c := range map[string]struct {
		in   probe.PingReceived
		want bool
	}{
		"my id":                {probe.PingReceived{TargetID: me}, true},
		"my id, some instance": {probe.PingReceived{TargetID: me, TargetInstance: 99}, true},
		"any address":          {probe.PingReceived{TargetAddress: "localhost:50051"}, true},
		"another id":           {probe.PingReceived{TargetID: "2"}, false},
	} {
		n := newNode(t, config(), 1)
		c.in.Call = 5
		got := only[probe.AnswerPing](t, n.step(c.in))
		if want := (probe.AnswerPing{Call: 5, IsAlive: c.want, Digest: got.Digest}); got.Digest.Hash != 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

func TestAnAnswerSaysThatTheDisseminatorIsDown(t *testing.T) {
	n := startNode(t, member("2"))
	answer := func() bool {
		return only[probe.AnswerPing](t, n.step(probe.PingReceived{Call: 5, TargetID: me})).DisseminatorDown
	}
	if answer() {
		t.Errorf("got disseminator down, want up: it was just heard")
	}
	n.step(probe.DisseminatorLost{Why: "reset"})
	if !answer() {
		t.Errorf("got disseminator up, want down: its stream broke")
	}
	n.step(probe.HeartbeatReceived{})
	if answer() {
		t.Errorf("got disseminator down, want up: it is heard again")
	}
}

func TestEveryPingIsAnsweredInItsOwnStep(t *testing.T) {
	n := startNode(t, members(3)...)
	for call := range probe.Call(500) {
		if got := only[probe.AnswerPing](t, n.step(probe.PingReceived{Call: call, TargetID: me})); got.Call != call {
			t.Fatalf("got an answer to call %d, want %d", got.Call, call)
		}
	}
}

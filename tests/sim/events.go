package sim

import (
	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/disseminator/membership"
)

// The events of the cores as World.Seen names them, made once: a large cluster that forms
// has millions.
var (
	detectorEvents     = eventNames[probe.EventKind]("detector ")
	disseminatorEvents = eventNames[membership.EventKind]("disseminator ")
)

func eventNames[Kind interface {
	~uint8
	String() string
}](half string) (names [256]string) {
	for i := range names {
		names[i] = half + Kind(i).String()
	}
	return names
}

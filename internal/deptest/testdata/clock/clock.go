// Package clock reads the clock in every way.
package clock

import (
	"time"
	. "time"
)

var now = time.Now

func Use(t time.Time) {
	time.Sleep(1)
	_ = time.After(1)
	time.AfterFunc(1, nil)
	time.NewTimer(1)
	time.NewTicker(1)
	_ = time.Tick(1)
	_ = time.Since(t)
	_ = time.Until(t)
	_ = Now()
	_ = now
}

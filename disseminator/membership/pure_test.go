package membership_test

import (
	"testing"

	"github.com/swimpair/swim/internal/deptest"
)

func TestTheCoreIsPure(t *testing.T) {
	deptest.CheckPure(t, ".", map[string]string{
		"github.com/swimpair/swim/proto/swimpb": "the wire format stops at the edge",
		"github.com/swimpair/swim/proto/wire":   "the wire format stops at the edge",
	})
}

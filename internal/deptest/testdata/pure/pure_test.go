package pure

import (
	"testing"
	"time"
)

func TestMayUseTheClock(t *testing.T) { go func() { _ = time.Now() }() }

package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/netlyra/netlyra/internal/analyze/report"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/settings"
)

// A progress bar is shown after barAfter; elsewhere a line every lineEvery.
const (
	barAfter  = time.Second
	lineEvery = 5 * time.Second
)

// progressView shows progress: as a bar on a terminal, else as a line at intervals.
type progressView struct {
	w        io.Writer
	terminal bool
	began    time.Time
	next     time.Time // of the next line
	bar      *progressbar.ProgressBar
	rate     rate
	last     settings.Progress
	shown    bool
}

// newProgressView returns a view on w whose time starts now.
func newProgressView(w io.Writer) *progressView {
	now := time.Now()
	return &progressView{w: w, terminal: obs.IsTerminal(w), began: now, next: now.Add(lineEvery), rate: rate{at: now}}
}

// Show implements settings.ProgressView.
func (v *progressView) Show(p settings.Progress) {
	now := time.Now()
	v.last = p
	v.rate.observe(now, p.Packets)
	switch {
	case v.terminal && now.Sub(v.began) >= barAfter:
		v.draw(p)
	case !v.terminal && !now.Before(v.next):
		v.next = now.Add(max(lineEvery, now.Sub(v.began)/10)) // rarer in a long run
		v.shown = true
		fmt.Fprintln(v.w, v.line())
	}
}

// draw draws the bar, or only the counts if the total is unknown.
func (v *progressView) draw(p settings.Progress) {
	v.shown = true
	if p.Total <= 0 {
		fmt.Fprintf(v.w, "\r\033[K%s [%s]", v.text(), time.Since(v.began).Round(time.Second))
		return
	}
	if v.bar == nil {
		v.bar = progressbar.NewOptions64(p.Total, progressbar.OptionSetWriter(v.w), progressbar.OptionSetWidth(30),
			progressbar.OptionSetPredictTime(false), // the bar is created after the start
			progressbar.OptionShowDescriptionAtLineEnd(), progressbar.OptionUseANSICodes(true))
	}
	_ = v.bar.Set64(min(p.Done, p.Total-1)) // Close ends the bar, not the last byte
	v.bar.Describe(v.text())
}

// text returns the counts, the rate and the remaining time.
func (v *progressView) text() string {
	p := &v.last
	s := fmt.Sprintf("%s packets, %s/s", report.Number(p.Packets), report.Number(v.rate.perSecond))
	if p.Total <= 0 || p.Done <= 0 {
		return s
	}
	left := time.Duration(float64(time.Since(v.began)) * float64(p.Total-p.Done) / float64(p.Done))
	return fmt.Sprintf("%s, %s left", s, left.Round(time.Second))
}

// line returns the progress without a bar.
func (v *progressView) line() string {
	p := &v.last
	if p.Total <= 0 {
		return v.text()
	}
	return fmt.Sprintf("%d %% of %s, %s", 100*p.Done/p.Total, report.Bytes(uint64(p.Total)), v.text())
}

// Close removes the bar and, if anything was shown, prints the totals.
func (v *progressView) Close() {
	if !v.shown {
		return
	}
	if v.terminal {
		fmt.Fprint(v.w, "\r\033[K")
	}
	took := time.Since(v.began)
	fmt.Fprintf(v.w, "%s packets in %s, %s/s\n", report.Number(v.last.Packets), took.Round(100*time.Millisecond),
		report.Number(uint64(float64(v.last.Packets)/took.Seconds())))
}

// rate is packets per second over about the last second.
type rate struct {
	at        time.Time
	packets   uint64
	perSecond uint64
}

func (r *rate) observe(now time.Time, packets uint64) {
	if d := now.Sub(r.at); d >= time.Second {
		r.perSecond = uint64(float64(packets-r.packets) / d.Seconds())
		r.at, r.packets = now, packets
	}
}

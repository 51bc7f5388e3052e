// Play: a busy second takes 0.8 s and a fold 0.5 s; a run with much to show takes twelve seconds in all.
const FOLD_S = 0.5, BUSY_RATE = 1.25, LONG_BUSY_S = 15, LONG_S = 12;

export class Playback {
  constructor(timeline, onChange) {
    this.timeline = timeline;
    this.onChange = onChange;
    this.frame = 0;
  }

  get playing() {
    return this.frame !== 0;
  }

  toggle() {
    if (this.playing) this.stop();
    else this.start();
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.onChange(false);
  }

  start() {
    const { timeline } = this;
    if (timeline.t >= timeline.run.end_s - 1e-3) timeline.seek(0);
    let before = performance.now();
    const go = (now) => {
      const part = timeline.scale.parts.find((other) => timeline.t < other.t1 - 1e-6);
      if (!part) {
        this.stop();
        return;
      }
      const to = timeline.t + this.rate(part) * ((now - before) / 1000);
      before = now;
      timeline.seek(Math.min(part.t1, to));
      this.frame = requestAnimationFrame(go);
    };
    this.frame = requestAnimationFrame(go);
    this.onChange(true);
  }

  rate(part) {
    if (part.idle) return (part.t1 - part.t0) / FOLD_S;
    const busyS = this.timeline.scale.parts.reduce((sum, other) => sum + (other.idle ? 0 : other.t1 - other.t0), 0);
    return busyS > LONG_BUSY_S ? busyS / LONG_S : BUSY_RATE;
  }
}

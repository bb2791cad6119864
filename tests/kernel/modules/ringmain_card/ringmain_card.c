// SPDX-License-Identifier: GPL-2.0
/*
 * A telephone card without hardware, for guests: a test peer, no part of the product.
 *
 *  span with 2*pairs analog channels          two spans of 31 E1 channels, if e1=1
 *
 *   1 FXS ==two wires== 2 FXO                   1 <------ octets, CAS ------> 1
 *   3 FXS ==two wires== 4 FXO                   ...                          ...
 *
 * Knobs below /sys/module/ringmain_card/parameters; "span" is 0 for analog, 1 and 2 for E1, and
 * sets of spans or pairs are masks with one bit for each:
 *   pulled     spans whose card is pulled; programs that have it open see it go
 *   stopped    spans that neither deliver nor fetch any more
 *   cut        analog pairs whose wires are cut
 *   alarms     write "span alarms", alarms as DAHDI_ALARM_*: RED 8, YELLOW 4, BLUE 16
 *   counts     write "span bpv crc4 ebit fas": what the counters of a span say
 *   echo_shift the hybrid of an FXS returns its own sound halved so many times; 0 for none
 *   wires      read: for each pair what its ends do: battery, ringing, reversed, closed
 *   late       read: ticks that came late and were made up for
 */
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <dahdi/kernel.h>
#include <dahdi/wctdm_user.h>

#define SPANS 3
#define CHANNELS 32
#define MOST_PAIRS 16
/* What the detectors of such cards take to make up their mind. */
#define RING_MS 64
#define BATTERY_MS 64
#define POLARITY_MS 64
#define BATTERY_ALARM_MS 1000
#define BATTERY_MV 48000
#define BUSY_MV 7000

/* One pair of wires: what each end does, and what the far one has noticed so far. */
struct wires {
	bool battery, ringing, reversed, closed;
	bool seen_ringing, seen_battery, seen_reversed, seen_closed;
	int ring_ms, battery_ms, polarity_ms, alarm_ms;
};

struct card {
	struct dahdi_device *device;
	struct dahdi_span span;
	struct dahdi_chan channel[CHANNELS];
	struct dahdi_chan *channels[CHANNELS];
	int number;
	int priority;
	int bits[CHANNELS];
};

static int pairs = 4;
static int e1;
static int stopped;
static int cut;
static int echo_shift;
static int late;
static int pulled;

static struct wires lines[MOST_PAIRS];
static struct card *cards[SPANS];
static struct hrtimer timer;
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(plug);

static struct card *card_of(struct dahdi_chan *chan)
{
	return container_of(chan->span, struct card, span);
}

static bool is_fxs(const struct dahdi_chan *chan)
{
	return chan->chanpos & 1;
}

static struct wires *wires_of(const struct dahdi_chan *chan)
{
	return &lines[(chan->chanpos - 1) / 2];
}

static bool powered(const struct wires *w)
{
	return w->battery && !(cut & BIT(w - lines));
}

static int analog_hooksig(struct dahdi_chan *chan, enum dahdi_txsig txsig)
{
	struct wires *w = wires_of(chan);

	if (is_fxs(chan)) {
		w->battery = txsig != DAHDI_TXSIG_KEWL;
		w->ringing = txsig == DAHDI_TXSIG_START;
	} else {
		w->closed = txsig == DAHDI_TXSIG_OFFHOOK || txsig == DAHDI_TXSIG_START;
	}
	return 0;
}

static int analog_stats(struct dahdi_chan *chan, void __user *to)
{
	const struct wires *w = wires_of(chan);
	struct wctdm_stats stats = {};
	int mv = !powered(w) ? 0 : w->closed ? BUSY_MV : BATTERY_MV;

	if (w->reversed)
		mv = -mv;
	if (is_fxs(chan)) {
		stats.batvolt = -BATTERY_MV;
		stats.tipvolt = w->reversed ? mv : 0;
		stats.ringvolt = w->reversed ? 0 : -mv;
	} else {
		stats.tipvolt = stats.ringvolt = stats.batvolt = mv;
	}
	return copy_to_user(to, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static int analog_ioctl(struct dahdi_chan *chan, unsigned int cmd, unsigned long data)
{
	struct wires *w = wires_of(chan);
	int value;

	switch (cmd) {
	case WCTDM_GET_STATS:
		return analog_stats(chan, (void __user *)data);
	case DAHDI_SETPOLARITY:
		if (!is_fxs(chan))
			return -EINVAL;
		if (get_user(value, (int __user *)data))
			return -EFAULT;
		if (w->ringing || !w->battery)
			return -EINVAL;
		w->reversed = value;
		return 0;
	case DAHDI_ONHOOKTRANSFER:
	case DAHDI_VMWI:
		return is_fxs(chan) ? 0 : -EINVAL;
	default:
		return -ENOTTY;
	}
}

static int e1_rbsbits(struct dahdi_chan *chan, int bits)
{
	card_of(chan)->bits[chan->chanpos - 1] = bits & 0xf;
	return 0;
}

/* As cards do: of the spans without an alarm the one of the highest priority gives the clock. */
static void elect(void)
{
	struct card *best = NULL;
	int number;

	for (number = 1; number < SPANS; number++) {
		struct card *card = cards[number];

		if (card && card->priority && !(card->span.alarms & DAHDI_ALARM_RED) &&
		    (!best || card->priority < best->priority))
			best = card;
	}
	for (number = 1; number < SPANS; number++)
		if (cards[number])
			cards[number]->span.syncsrc = best ? best->span.spanno : 0;
}

static int e1_spanconfig(struct file *file, struct dahdi_span *span, struct dahdi_lineconfig *lc)
{
	span->lineconfig = lc->lineconfig;
	mutex_lock(&plug);
	container_of(span, struct card, span)->priority = lc->sync;
	elect();
	mutex_unlock(&plug);
	return 0;
}

static int startup(struct file *file, struct dahdi_span *span)
{
	span->flags |= DAHDI_FLAG_RUNNING;
	return 0;
}

static int shut_down(struct dahdi_span *span)
{
	span->flags &= ~DAHDI_FLAG_RUNNING;
	return 0;
}

static const struct dahdi_span_ops analog_ops = {
	.owner = THIS_MODULE,
	.hooksig = analog_hooksig,
	.ioctl = analog_ioctl,
	.startup = startup,
	.shutdown = shut_down,
};

static const struct dahdi_span_ops e1_ops = {
	.owner = THIS_MODULE,
	.rbsbits = e1_rbsbits,
	.spanconfig = e1_spanconfig,
	.startup = startup,
	.shutdown = shut_down,
};

/* Counts how long `now` has differed from `seen`; true when it has done so for `ms`. */
static bool settled(bool now, bool *seen, int *since, int ms)
{
	if (now == *seen) {
		*since = 0;
		return false;
	}
	if (++*since < ms)
		return false;
	*since = 0;
	*seen = now;
	return true;
}

static void report(struct dahdi_chan *chan, enum dahdi_rxsig rxsig)
{
	if (chan->rxhooksig != rxsig)
		dahdi_hooksig(chan, rxsig);
}

static void fxo_tick(struct dahdi_chan *chan, struct wires *w)
{
	bool battery = powered(w);

	settled(battery && w->ringing && !w->closed, &w->seen_ringing, &w->ring_ms, RING_MS);
	if (settled(battery, &w->seen_battery, &w->battery_ms, BATTERY_MS))
		w->alarm_ms = BATTERY_ALARM_MS - BATTERY_MS;
	if (w->alarm_ms && !--w->alarm_ms)
		dahdi_alarm_channel(chan, w->seen_battery ? DAHDI_ALARM_NONE : DAHDI_ALARM_RED);
	if (battery &&
	    settled(w->reversed, &w->seen_reversed, &w->polarity_ms, POLARITY_MS))
		dahdi_qevent_lock(chan, DAHDI_EVENT_POLARITY);
	if (!w->seen_battery)
		report(chan, DAHDI_RXSIG_ONHOOK);
	else
		report(chan, w->seen_ringing ? DAHDI_RXSIG_RING : DAHDI_RXSIG_OFFHOOK);
}

static void fxs_tick(struct dahdi_chan *chan, struct wires *w)
{
	bool current_flows = w->closed && powered(w);

	if (current_flows) {
		/* Ring trip, which such hardware does itself. */
		w->ringing = false;
		report(chan, DAHDI_RXSIG_OFFHOOK);
	} else if (w->seen_closed) {
		report(chan, DAHDI_RXSIG_ONHOOK);
	}
	w->seen_closed = current_flows;
}

static void analog_sound(struct dahdi_chan *fxs, struct dahdi_chan *fxo, const struct wires *w)
{
	bool talk = powered(w) && w->closed;
	bool listen = powered(w) && !w->ringing;
	int i, level;

	for (i = 0; i < DAHDI_CHUNKSIZE; i++) {
		level = talk ? DAHDI_XLAW(fxo->writechunk[i], fxo) : 0;
		if (echo_shift > 0)
			level += DAHDI_XLAW(fxs->writechunk[i], fxs) >> echo_shift;
		else if (talk && fxs->xlaw == fxo->xlaw) {
			fxs->readchunk[i] = fxo->writechunk[i];
			goto other;
		}
		level = clamp(level, -32768, 32767);
		fxs->readchunk[i] = DAHDI_LIN2X(level, fxs);
other:
		fxo->readchunk[i] = listen && fxs->xlaw == fxo->xlaw ? fxs->writechunk[i] :
			DAHDI_LIN2X(listen ? DAHDI_XLAW(fxs->writechunk[i], fxs) : 0, fxo);
	}
}

static void analog_tick(struct card *card)
{
	int pair;

	dahdi_transmit(&card->span);
	for (pair = 0; pair < pairs; pair++) {
		struct dahdi_chan *fxs = card->channels[2 * pair];
		struct dahdi_chan *fxo = card->channels[2 * pair + 1];

		fxs_tick(fxs, &lines[pair]);
		fxo_tick(fxo, &lines[pair]);
		analog_sound(fxs, fxo, &lines[pair]);
	}
	dahdi_ec_span(&card->span);
	dahdi_receive(&card->span);
}

static bool runs(int number)
{
	return cards[number] && !(stopped & BIT(number));
}

/* What `to` hears: its peer, or all ones when there is none or no frame can be found. */
static void e1_cross(struct card *to, const struct card *from)
{
	bool deaf = !from || to->span.alarms & (DAHDI_ALARM_RED | DAHDI_ALARM_BLUE);
	int i;

	for (i = 0; i < to->span.channels; i++) {
		struct dahdi_chan *chan = to->channels[i];

		if (deaf) {
			memset(chan->readchunk, 0xff, DAHDI_CHUNKSIZE);
			continue;
		}
		memcpy(chan->readchunk, from->channels[i]->writechunk, DAHDI_CHUNKSIZE);
		if (chan->rxsig != from->bits[i])
			dahdi_rbsbits(chan, from->bits[i]);
	}
}

static void e1_tick(void)
{
	int number;

	for (number = 1; number < SPANS; number++)
		if (runs(number))
			dahdi_transmit(&cards[number]->span);
	for (number = 1; number < SPANS; number++)
		if (runs(number)) {
			e1_cross(cards[number], runs(3 - number) ? cards[3 - number] : NULL);
			dahdi_ec_span(&cards[number]->span);
			dahdi_receive(&cards[number]->span);
		}
}

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	u64 ticks = hrtimer_forward_now(timer, ms_to_ktime(1));
	unsigned long flags;

	late += ticks - 1;
	for (ticks = min_t(u64, ticks, 100); ticks; ticks--) {
		spin_lock_irqsave(&lock, flags);
		if (runs(0))
			analog_tick(cards[0]);
		if (e1)
			e1_tick();
		spin_unlock_irqrestore(&lock, flags);
	}
	return HRTIMER_RESTART;
}

static void name_channels(struct card *card, int count)
{
	bool analog = !card->number;
	int i;

	for (i = 0; i < count; i++) {
		struct dahdi_chan *chan = &card->channel[i];

		card->channels[i] = chan;
		chan->chanpos = i + 1;
		chan->pvt = card;
		snprintf(chan->name, sizeof(chan->name), "%s/%d", card->span.name, i + 1);
		if (!analog)
			chan->sigcap = DAHDI_SIG_CLEAR | DAHDI_SIG_CAS | DAHDI_SIG_EM_E1 |
				       DAHDI_SIG_EM | DAHDI_SIG_FXSLS | DAHDI_SIG_FXSGS |
				       DAHDI_SIG_FXSKS | DAHDI_SIG_FXOLS | DAHDI_SIG_FXOGS |
				       DAHDI_SIG_FXOKS;
		else if (is_fxs(chan))
			chan->sigcap = DAHDI_SIG_FXOKS | DAHDI_SIG_FXOLS | DAHDI_SIG_FXOGS |
				       DAHDI_SIG_CLEAR;
		else
			chan->sigcap = DAHDI_SIG_FXSKS | DAHDI_SIG_FXSLS | DAHDI_SIG_CLEAR;
	}
	card->span.chans = card->channels;
	card->span.channels = count;
}

static int plug_in(int number)
{
	struct card *card = kzalloc(sizeof(*card), GFP_KERNEL);
	int done;

	if (!card)
		return -ENOMEM;
	card->device = dahdi_create_device();
	if (!card->device) {
		kfree(card);
		return -ENOMEM;
	}
	card->number = number;
	snprintf(card->span.name, sizeof(card->span.name), "RM/%d", number);
	snprintf(card->span.desc, sizeof(card->span.desc), "Test card %d", number);
	card->span.deflaw = DAHDI_LAW_ALAW;
	card->span.flags = DAHDI_FLAG_RBS;
	card->span.ops = number ? &e1_ops : &analog_ops;
	card->span.spantype = number ? SPANTYPE_DIGITAL_E1 : SPANTYPE_ANALOG_MIXED;
	card->span.linecompat = number ? DAHDI_CONFIG_HDB3 | DAHDI_CONFIG_AMI |
		DAHDI_CONFIG_CCS | DAHDI_CONFIG_CRC4 : 0;
	name_channels(card, number ? 31 : 2 * pairs);
	card->device->manufacturer = "Ringmain";
	card->device->devicetype = "Test card";
	card->device->hardware_id = number ? "e1" : "analog";
	dev_set_name(&card->device->dev, "ringmain_card:%d", number);
	list_add_tail(&card->span.device_node, &card->device->spans);
	done = dahdi_register_device(card->device, NULL);
	if (done) {
		dahdi_free_device(card->device);
		kfree(card);
		return done;
	}
	spin_lock_irq(&lock);
	cards[number] = card;
	spin_unlock_irq(&lock);
	return 0;
}

/* Who still waits for one of its channels may look at it once more: the memory stays. */
static void pull(int number)
{
	struct card *card = cards[number];
	int i;

	if (!card)
		return;
	spin_lock_irq(&lock);
	cards[number] = NULL;
	for (i = 0; !number && i < pairs; i++)
		lines[i] = (struct wires){ .battery = true, .seen_battery = true };
	spin_unlock_irq(&lock);
	dahdi_unregister_device(card->device);
	dahdi_free_device(card->device);
}

static bool exists(int number)
{
	return number ? e1 : pairs;
}

static int set_pulled(const char *text, const struct kernel_param *param)
{
	int number, mask, done = kstrtoint(text, 0, &mask);

	if (done || !hrtimer_active(&timer))
		return done;
	mutex_lock(&plug);
	for (number = 0; !done && number < SPANS; number++) {
		if (!exists(number))
			continue;
		if (mask & BIT(number))
			pull(number);
		else if (!cards[number])
			done = plug_in(number);
	}
	pulled = mask;
	mutex_unlock(&plug);
	return done;
}

static int set_alarms(const char *text, const struct kernel_param *param)
{
	int number, alarms, done = 0;

	if (sscanf(text, "%d %d", &number, &alarms) != 2 || number < 0 || number >= SPANS)
		return -EINVAL;
	mutex_lock(&plug);
	if (cards[number]) {
		cards[number]->span.alarms = alarms;
		elect();
		dahdi_alarm_notify(&cards[number]->span);
	} else {
		done = -ENODEV;
	}
	mutex_unlock(&plug);
	return done;
}

static int set_counts(const char *text, const struct kernel_param *param)
{
	int number, bpv, crc4, ebit, fas, done = 0;

	if (sscanf(text, "%d %d %d %d %d", &number, &bpv, &crc4, &ebit, &fas) != 5 ||
	    number < 0 || number >= SPANS)
		return -EINVAL;
	mutex_lock(&plug);
	if (cards[number]) {
		cards[number]->span.count.bpv = bpv;
		cards[number]->span.count.crc4 = crc4;
		cards[number]->span.count.ebit = ebit;
		cards[number]->span.count.fas = fas;
	} else {
		done = -ENODEV;
	}
	mutex_unlock(&plug);
	return done;
}

static int get_pulled(char *to, const struct kernel_param *param)
{
	return sprintf(to, "%d\n", pulled);
}

static int get_wires(char *to, const struct kernel_param *param)
{
	int pair, length = 0;

	for (pair = 0; pair < pairs; pair++)
		length += sprintf(to + length, "%d %d %d %d\n", powered(&lines[pair]),
				  lines[pair].ringing, lines[pair].reversed, lines[pair].closed);
	return length;
}

static const struct kernel_param_ops wires_ops = { .get = get_wires };
static const struct kernel_param_ops pulled_ops = { .set = set_pulled, .get = get_pulled };
static const struct kernel_param_ops alarms_ops = { .set = set_alarms };
static const struct kernel_param_ops counts_ops = { .set = set_counts };

module_param(pairs, int, 0444);
module_param(e1, int, 0444);
module_param(stopped, int, 0644);
module_param(cut, int, 0644);
module_param(echo_shift, int, 0644);
module_param(late, int, 0444);
module_param_cb(pulled, &pulled_ops, NULL, 0644);
module_param_cb(wires, &wires_ops, NULL, 0444);
module_param_cb(alarms, &alarms_ops, NULL, 0200);
module_param_cb(counts, &counts_ops, NULL, 0200);

static int __init ringmain_card_init(void)
{
	int number, done = 0;

	pairs = clamp(pairs, 0, MOST_PAIRS);
	for (number = 0; number < MOST_PAIRS; number++)
		lines[number] = (struct wires){ .battery = true, .seen_battery = true };
	for (number = 0; !done && number < SPANS; number++)
		if (exists(number))
			done = plug_in(number);
	if (done) {
		for (number = 0; number < SPANS; number++)
			pull(number);
		return done;
	}
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer.function = tick;
	hrtimer_start(&timer, ms_to_ktime(1), HRTIMER_MODE_REL);
	return 0;
}

static void __exit ringmain_card_exit(void)
{
	int number;

	hrtimer_cancel(&timer);
	for (number = 0; number < SPANS; number++)
		pull(number);
}

module_init(ringmain_card_init);
module_exit(ringmain_card_exit);
MODULE_DESCRIPTION("A telephone card without hardware");
MODULE_LICENSE("GPL");

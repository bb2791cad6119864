/*
 * libpri as a machine: frames and time in, frames and flat events out. No pointer of ours is kept
 * by libpri but the struct city itself, no union crosses to Rust.
 */
#include <libpri.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define FRAME 300
#define FRAMES 128
#define TEXTS 64
#define TEXT 512

struct city_frame {
	int length;
	unsigned char octets[FRAME];
};

struct city {
	struct pri *pri;
	struct city_frame in;
	struct city_frame out[FRAMES];
	unsigned first, count;
};

struct city_event {
	int kind;
	int channel;
	int cause;
	int progress;
	int complete;
	void *call;
	char calling[64];
	char called[64];
	char text[256];
	/* More than a basic call: what (CITY_*), its invoke id, another call. */
	int service;
	int invoke;
	void *other;
	char name[64];
};

enum { CITY_NOTHING, CITY_DEFLECT, CITY_JOIN, CITY_IDENTIFY, CITY_SHOWN };

static _Thread_local unsigned long long now_us;
static _Thread_local struct {
	int error;
	char text[TEXT];
} texts[TEXTS];
static _Thread_local unsigned texts_first, texts_count;

/* The linker gives every call of gettimeofday in libpri to this one. */
int __wrap_gettimeofday(struct timeval *tv, void *zone)
{
	(void)zone;
	/* Not zero: libpri takes a zero time for a timer that is not set. */
	tv->tv_sec = 1000000 + now_us / 1000000;
	tv->tv_usec = now_us % 1000000;
	return 0;
}

void city_set_time(unsigned long long us)
{
	now_us = us;
}

static void say(int error, const char *text)
{
	if (texts_count == TEXTS) {
		return;
	}
	unsigned at = (texts_first + texts_count++) % TEXTS;
	texts[at].error = error;
	size_t length = strnlen(text, TEXT - 1);
	memcpy(texts[at].text, text, length);
	texts[at].text[length] = 0;
}

static void on_message(struct pri *pri, char *text)
{
	(void)pri;
	say(0, text);
}

static void on_error(struct pri *pri, char *text)
{
	(void)pri;
	say(1, text);
}

/* -1: nothing; 0: a message, 1: an error, copied to text. */
int city_next_text(char *text, int room)
{
	if (!texts_count || room < 1) {
		return -1;
	}
	int error = texts[texts_first].error;
	size_t length = strnlen(texts[texts_first].text, room - 1);
	memcpy(text, texts[texts_first].text, length);
	text[length] = 0;
	texts_first = (texts_first + 1) % TEXTS;
	texts_count--;
	return error;
}

static int on_read(struct pri *pri, void *buf, int room)
{
	struct city *city = pri_get_userdata(pri);
	int length = city->in.length;
	if (!length || length > room) {
		return 0;
	}
	memcpy(buf, city->in.octets, length);
	city->in.length = 0;
	return length;
}

static int on_write(struct pri *pri, void *buf, int length)
{
	struct city *city = pri_get_userdata(pri);
	if (length > 2 && length <= FRAME && city->count < FRAMES) {
		struct city_frame *frame = &city->out[(city->first + city->count++) % FRAMES];
		/* The last two octets are where the FCS will be. */
		frame->length = length - 2;
		memcpy(frame->octets, buf, length - 2);
	}
	return length;
}

struct city *city_new(int network, int qsig, int debug, int t203_ms, int t309_ms)
{
	struct city *city = calloc(1, sizeof *city);
	if (!city) {
		return NULL;
	}
	pri_set_message(on_message);
	pri_set_error(on_error);
	city->pri = pri_new_cb(-1, network ? PRI_NETWORK : PRI_CPE,
		qsig ? PRI_SWITCH_QSIG : PRI_SWITCH_EUROISDN_E1, on_read, on_write, city);
	if (!city->pri) {
		free(city);
		return NULL;
	}
	pri_set_debug(city->pri, debug);
	if (t203_ms >= 0) {
		pri_set_timer(city->pri, PRI_TIMER_T203, t203_ms);
	}
	if (t309_ms >= 0) {
		pri_set_timer(city->pri, PRI_TIMER_T309, t309_ms);
	}
	pri_set_overlapdial(city->pri, 1);
	pri_hangup_fix_enable(city->pri, 1);
	pri_facility_enable(city->pri);
	pri_aoc_events_enable(city->pri, 1);
	pri_mcid_enable(city->pri, 1);
	pri_reroute_enable(city->pri, 1);
	pri_transfer_enable(city->pri, 1);
	return city;
}

/* The second is the backup of the first: they have their calls in common. */
void city_enslave(struct city *master, struct city *slave)
{
	pri_enslave(master->pri, slave->pri);
}

static void copy(char *to, const char *from)
{
	size_t length = strnlen(from, 63);
	memcpy(to, from, length);
	to[length] = 0;
}

/* The first service that an event tells of. */
static void serve(const struct pri_subcommands *commands, struct city_event *flat)
{
	for (int at = 0; commands && at < commands->counter_subcmd; at++) {
		const struct pri_subcommand *command = &commands->subcmd[at];
		switch (command->cmd) {
		case PRI_SUBCMD_REROUTING:
			flat->service = CITY_DEFLECT;
			flat->invoke = command->u.rerouting.invoke_id;
			copy(flat->called, command->u.rerouting.deflection.to.number.str);
			return;
		case PRI_SUBCMD_TRANSFER_CALL:
			flat->service = CITY_JOIN;
			flat->invoke = command->u.transfer.invoke_id;
			flat->call = command->u.transfer.call_1;
			flat->other = command->u.transfer.call_2;
			return;
		case PRI_SUBCMD_MCID_REQ:
			flat->service = CITY_IDENTIFY;
			return;
		case PRI_SUBCMD_CONNECTED_LINE:
			flat->service = CITY_SHOWN;
			copy(flat->called, command->u.connected_line.id.number.str);
			copy(flat->name, command->u.connected_line.id.name.str);
			return;
		default:
			break;
		}
	}
}

static int flatten(pri_event *event, struct city_event *flat)
{
	memset(flat, 0, sizeof *flat);
	if (!event) {
		return 0;
	}
	flat->kind = event->e;
	flat->channel = -1;
	switch (event->e) {
	case PRI_EVENT_RING:
		flat->channel = event->ring.channel;
		flat->call = event->ring.call;
		flat->complete = event->ring.complete;
		copy(flat->text, event->ring.useruserinfo);
		copy(flat->calling, event->ring.callingnum);
		copy(flat->called, event->ring.callednum);
		copy(flat->name, event->ring.callingname);
		break;
	case PRI_EVENT_FACILITY:
		flat->call = event->facility.call;
		serve(event->facility.subcmds, flat);
		break;
	case PRI_EVENT_NOTIFY:
		flat->call = event->notify.call;
		flat->progress = event->notify.info;
		break;
	case PRI_EVENT_HANGUP:
	case PRI_EVENT_HANGUP_REQ:
	case PRI_EVENT_HANGUP_ACK:
		flat->channel = event->hangup.channel;
		flat->call = event->hangup.call;
		flat->cause = event->hangup.cause;
		break;
	case PRI_EVENT_RINGING:
		flat->channel = event->ringing.channel;
		flat->call = event->ringing.call;
		flat->progress = event->ringing.progressmask;
		break;
	case PRI_EVENT_ANSWER:
		flat->channel = event->answer.channel;
		flat->call = event->answer.call;
		flat->progress = event->answer.progressmask;
		serve(event->answer.subcmds, flat);
		break;
	case PRI_EVENT_PROCEEDING:
	case PRI_EVENT_PROGRESS:
		flat->channel = event->proceeding.channel;
		flat->call = event->proceeding.call;
		flat->progress = event->proceeding.progressmask;
		flat->cause = event->proceeding.cause;
		break;
	case PRI_EVENT_SETUP_ACK:
		flat->channel = event->setup_ack.channel;
		flat->call = event->setup_ack.call;
		break;
	case PRI_EVENT_CONNECT_ACK:
		flat->channel = event->connect_ack.channel;
		flat->call = event->connect_ack.call;
		break;
	case PRI_EVENT_RESTART:
		flat->channel = event->restart.channel;
		break;
	case PRI_EVENT_RESTART_ACK:
		flat->channel = event->restartack.channel;
		break;
	case PRI_EVENT_INFO_RECEIVED:
		flat->channel = event->ring.channel;
		flat->call = event->ring.call;
		flat->complete = event->ring.complete;
		copy(flat->called, event->ring.callednum);
		break;
	case PRI_EVENT_CONFIG_ERR:
		memcpy(flat->text, event->err.err,
			strnlen(event->err.err, sizeof flat->text - 1));
		break;
	default:
		break;
	}
	return 1;
}

/* Gives libpri one frame, without FCS; 1 if it made an event. */
int city_receive(struct city *city, const unsigned char *octets, int length,
	struct city_event *flat)
{
	if (length < 3 || length > FRAME - 2) {
		return 0;
	}
	memcpy(city->in.octets, octets, length);
	city->in.length = length + 2;
	return flatten(pri_check_event(city->pri), flat);
}

/* Runs one timer that is due; 0: none, 1: no event, 2: an event. */
int city_run(struct city *city, struct city_event *flat)
{
	struct timeval now, *next = pri_schedule_next(city->pri);
	__wrap_gettimeofday(&now, NULL);
	if (!next || next->tv_sec > now.tv_sec
		|| (next->tv_sec == now.tv_sec && next->tv_usec > now.tv_usec)) {
		return 0;
	}
	return flatten(pri_schedule_run(city->pri), flat) ? 2 : 1;
}

/* The next frame to send, without FCS; its length, 0 if there is none. */
int city_next_frame(struct city *city, unsigned char *octets, int room)
{
	if (!city->count) {
		return 0;
	}
	struct city_frame *frame = &city->out[city->first];
	city->first = (city->first + 1) % FRAMES;
	city->count--;
	if (frame->length > room) {
		return 0;
	}
	memcpy(octets, frame->octets, frame->length);
	return frame->length;
}

/* A name of QSIG, if it is one. */
static void set_name(struct pri_party_name *name, const char *text)
{
	name->valid = *text != 0;
	name->presentation = PRES_ALLOWED_USER_NUMBER_PASSED_SCREEN;
	name->char_set = PRI_CHAR_SET_ISO8859_1;
	copy(name->str, text);
}

void *city_call(struct city *city, int channel, char *calling, char *called, char *user,
	char *name)
{
	q931_call *call = pri_new_call(city->pri);
	struct pri_sr *sr = pri_sr_new();
	if (!call || !sr) {
		return NULL;
	}
	pri_sr_set_channel(sr, channel, 1, 0);
	pri_sr_set_bearer(sr, PRI_TRANS_CAP_3_1K_AUDIO, PRI_LAYER_1_ALAW);
	pri_sr_set_called(sr, called, PRI_UNKNOWN, 1);
	struct pri_party_id caller;
	memset(&caller, 0, sizeof caller);
	caller.number.valid = 1;
	caller.number.presentation = PRES_ALLOWED_NETWORK_NUMBER;
	caller.number.plan = PRI_NATIONAL_ISDN;
	copy(caller.number.str, calling);
	set_name(&caller.name, name);
	pri_sr_set_caller_party(sr, &caller);
	if (*user) {
		pri_sr_set_useruser(sr, user);
	}
	int failed = pri_setup(city->pri, call, sr);
	pri_sr_free(sr);
	return failed ? NULL : call;
}

int city_proceeding(struct city *city, void *call, int channel)
{
	return pri_proceeding(city->pri, call, channel, 0);
}

int city_more(struct city *city, void *call, int channel)
{
	return pri_need_more_info(city->pri, call, channel, 0);
}

int city_alerting(struct city *city, void *call, int channel)
{
	return pri_acknowledge(city->pri, call, channel, 0);
}

int city_answer(struct city *city, void *call, int channel)
{
	return pri_answer(city->pri, call, channel, 0);
}

int city_hangup(struct city *city, void *call, int cause)
{
	return pri_hangup(city->pri, call, cause);
}

int city_restart(struct city *city, int channel)
{
	return pri_reset(city->pri, channel);
}

void city_destroy(struct city *city, void *call)
{
	pri_destroycall(city->pri, call);
}

/* Who answers, with the answer that follows. */
int city_show(struct city *city, void *call, char *number, char *name)
{
	struct pri_party_connected_line line;
	memset(&line, 0, sizeof line);
	line.id.number.valid = *number != 0;
	line.id.number.presentation = PRES_ALLOWED_NETWORK_NUMBER;
	line.id.number.plan = PRI_NATIONAL_ISDN;
	copy(line.id.number.str, number);
	set_name(&line.id.name, name);
	return pri_connected_line_update(city->pri, call, &line);
}

/* What the call will cost: hundredths of a currency for each so many seconds that have begun; its
   set-up nothing. */
static int tariff(struct city *city, void *call, int seconds, long count, const char *currency)
{
	struct pri_subcmd_aoc_s rates;
	memset(&rates, 0, sizeof rates);
	rates.num_items = 2;
	rates.item[0].chargeable = PRI_AOC_CHARGED_ITEM_BASIC_COMMUNICATION;
	rates.item[0].rate_type = PRI_AOC_RATE_TYPE_DURATION;
	struct pri_aoc_duration *rate = &rates.item[0].rate.duration;
	rate->amount.cost = count;
	rate->amount.multiplier = PRI_AOC_MULTIPLIER_HUNDREDTH;
	rate->time.length = seconds;
	rate->time.scale = PRI_AOC_TIME_SCALE_SECOND;
	rate->charging_type = 1;
	strncpy(rate->currency, currency, sizeof rate->currency - 1);
	rates.item[1].chargeable = PRI_AOC_CHARGED_ITEM_CALL_SETUP;
	rates.item[1].rate_type = PRI_AOC_RATE_TYPE_FREE;
	return pri_aoc_s_send(city->pri, call, &rates);
}

/* What the call costs: units, or hundredths of a currency if one is named; with the end of the
   call if it is the last; a tariff if it is for each so many seconds. */
int city_charge(struct city *city, void *call, int last, int each_s, long count, char *currency)
{
	if (each_s) {
		return tariff(city, call, each_s, count, currency);
	}
	struct pri_recorded {
		int charge;
		struct pri_aoc_recorded_currency money;
		struct pri_aoc_recorded_units unit;
	} recorded;
	memset(&recorded, 0, sizeof recorded);
	recorded.charge = *currency ? PRI_AOC_DE_CHARGE_CURRENCY : PRI_AOC_DE_CHARGE_UNITS;
	recorded.money.amount.cost = count;
	recorded.money.amount.multiplier = PRI_AOC_MULTIPLIER_HUNDREDTH;
	strncpy(recorded.money.currency, currency, sizeof recorded.money.currency - 1);
	recorded.unit.num_items = 1;
	recorded.unit.item[0].number = count;
	recorded.unit.item[0].type = -1;
	if (last) {
		struct pri_subcmd_aoc_e end;
		memset(&end, 0, sizeof end);
		end.charge = recorded.charge;
		if (*currency) {
			end.recorded.money = recorded.money;
		} else {
			end.recorded.unit = recorded.unit;
		}
		return pri_aoc_e_send(city->pri, call, &end);
	}
	struct pri_subcmd_aoc_d during;
	memset(&during, 0, sizeof during);
	during.charge = recorded.charge;
	if (*currency) {
		during.recorded.money = recorded.money;
	} else {
		during.recorded.unit = recorded.unit;
	}
	return pri_aoc_d_send(city->pri, call, &during);
}

/* Says whether a caller is sent elsewhere; the result goes with the end of the call. */
int city_deflected(struct city *city, void *call, int invoke, int done)
{
	return pri_rerouting_rsp(city->pri, call, invoke,
		done ? PRI_REROUTING_RSP_OK_CLEAR : PRI_REROUTING_RSP_NOT_SUBSCRIBED);
}

/* Says whether two calls are joined; the result goes with the end of the call. */
int city_joined(struct city *city, void *call, int invoke, int done)
{
	return pri_transfer_rsp(city->pri, call, invoke, done);
}

/* Whether callers are noted. */
void city_identifies(struct city *city, int on)
{
	pri_mcid_enable(city->pri, on);
}

/* Notifies the other side of something in a call; not zero: refused. */
int city_notify(struct city *city, void *call, int info)
{
	return pri_notify(city->pri, call, 0, info);
}

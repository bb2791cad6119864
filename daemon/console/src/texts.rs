//! What the console says, in both languages.

/// The language of the answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh = 0,
    /// English.
    En = 1,
}

/// A sentence without its arguments, which stand as `{}` in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(pub [&'static str; 2]);

macro_rules! texts {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        impl Text {
            $(#[doc = $en] pub const $name: Self = Self([$zh, $en]);)*
            /// All of them.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

texts! {
    NO_CALLS = "当前没有呼叫。", "No calls.";
    NO_CONFERENCES = "没有人在会议中。", "Nobody is in a conference.";
    CONFERENCE = "会议 {}，共 {} 方", "Conference {}, parties: {}";
    PARTY_SINCE = "自 {}", "since {}";
    PARTY_PIN = "正在输入密码", "is asked the pin";
    PARTY_MUTED = "，已静音", ", muted";
    NO_PARTY = "会议 {} 中没有这一方（`show conferences` 列出各方）。",
        "There is no such party in conference {} (`show conferences` names them).";
    SEVERAL_PARTIES = "有多方使用该号码：请改用呼叫号 CALL 指明。",
        "Several have this number: name the one meant by its CALL.";
    PARTY_DONE = "已设置 {}。", "Done: {}.";
    IN_CONFERENCE = "进入会议 {}", "enters conference {}";
    PIN_REFUSED = "会议 {} 的密码错误，拒绝进入", "does not know the pin of conference {}, and is released";
    NO_RECORDS = "还没有话单。", "No records yet.";
    NO_RECORDINGS = "还没有录音。", "No recordings yet.";
    NO_RECORDING = "没有录音 {}（`show recordings` 列出录音）。",
        "There is no recording {} (`show recordings` names them).";
    RECORDING_PART = "，第 {} 段", ", part {}";
    RECORDING_CUT = "，结尾丢失", ", its end is lost";
    RECORDING_HOLD = "，保留", ", kept";
    RECORDING_ERASED = "，已于 {} 删除（{}）", ", erased on {} by {}";
    RECORDING_HELD = "录音 {} 已保留，不会自动删除（`release recording` 取消）。",
        "Recording {} is kept until `release recording`.";
    RECORDING_RELEASED = "录音 {} 不再保留。", "Recording {} is erased when its time comes.";
    RECORDED = "录音 {} 秒已封存。", "{} s are recorded.";
    NOT_RECORDED_FULL = "呼叫 {} 未录音：同时录音的路数已满。",
        "Call {} is not recorded: as many are recorded as can be.";
    NOT_RECORDED_DISK = "呼叫 {} 未录音：磁盘错误 {}。", "Call {} is not recorded: disk error {}.";
    NOT_RECORDED_LOST = "呼叫 {} 的一段录音丢失。", "A part of the recording of call {} is lost.";
    VERIFIED_WHOLE = "录音 {} 完整：{} 秒，哈希与话单一致：{}",
        "Recording {} is whole: {} s, and its hash is the one in the record: {}";
    VERIFIED_CUT = "录音 {} 未被改动：{} 秒，核心停止时结尾丢失；哈希与话单一致：{}",
        "Recording {} is as it was recorded: {} s. Its end was lost when the core stopped. Its \
         hash is the one in the record: {}";
    VERIFIED_OTHER = "录音 {} 的哈希与话单不一致：文件已被替换。",
        "The hash of recording {} is not the one in the record: the file was replaced.";
    VERIFIED_CHANGED = "录音 {} 已被改动：自第 {} 秒起与原录音不符。",
        "Recording {} was changed: from second {} on it is not what was recorded.";
    VERIFIED_OPEN = "录音 {} 尚未结束。", "Recording {} still goes on.";
    VERIFIED_MISSING = "录音 {} 的文件不存在。", "Recording {} has no file any more.";
    VERIFIED_ERASED = "录音 {} 已于 {} 按规则 {} 删除。", "Recording {} was erased on {} by {}.";
    VERIFIED_FOREIGN = "录音 {} 的文件不是本机的录音。", "The file of recording {} is no recording of this box.";
    NO_ALARMS = "没有告警。", "No alarms.";
    CORE_AWAY =
        "核心未连接：已保存的数据仍可查看。",
        "The core is not connected; what is stored can still be shown.";
    UNKNOWN_WORD = "不认识“{}”。可用：{}", "`{}` is not known here. There may be: {}";
    INCOMPLETE = "命令不完整。接下来可用：{}", "The command is not complete. Next may be: {}";
    AMBIGUOUS = "命令有歧义。可用：{}", "More than one command fits. There may be: {}";
    NOT_TRACED = "没有呼叫 {} 的信令：它不在 E1 上，或已过去太久（`show records` 列出呼叫号）。",
        "Nothing is kept of call {}: it was on no span with a D channel, or is too long ago (`show \
         records` names calls).";
    TRACE_CUT = "（开头已不在内存中）", "(The beginning is no longer kept.)";
    SIDE_CHANGES = "E1 {} 更换接口侧：其 {} 个呼叫将中断。",
        "Span {} changes its side of the interface: its {} calls end.";
    SOUND_MADE = "{}：已转换为线路的声音，{} 秒", "{}: made into what the line plays, {} s";
    LOAD_NOW = "未更改。确认请输入 load now。", "Nothing was changed. `load now` does it.";
    NO_TELEPHONE = "没有号码为 {} 的话机。", "No telephone has the number {}.";
    IN_FORCE = "已生效。", "In force.";
    NOTHING_TO_DO = "没有变化。", "Nothing to do: this is in force already.";
    KEPT = "仍使用上一份正确的配置。", "The last good configuration stays in force.";
    STORE_ILL = "{}。通话继续，话单在核心中等待。", "{}. Calls go on; records wait in the core.";
    NOT_DONE = "未完成：{}", "Not done: {}";
    CAPTURE_ON = "正在记录 E1 {} 的 D 信道，文件在核心状态目录的 captures 中。",
        "Writing the D channel of E1 {} to a file in captures/ of the core's state folder.";
    CAPTURE_OFF = "已停止记录 E1 {}。", "Stopped writing the D channel of E1 {}.";
    WATCHING = "实时显示呼叫，按回车结束。", "Telling calls as they happen; Enter ends it.";
    IDENTIFY_SILENT = "交换局未答复：呼叫 {} 未登记。", "The exchange has not answered: call {} was not noted.";
    SLOT_BLOCKED = "E1 {} 的时隙 {} 已闭塞；若正在通话，则在通话结束后闭塞。",
        "E1 {}, slot {}: no call comes here any more; one that is here goes on.";
    SLOT_OPENED = "E1 {} 的时隙 {} 已解除闭塞。", "E1 {}, slot {}: calls may come again.";
    CLEARED = "呼叫 {} 已拆除。", "Call {} was cleared.";
    NO_CITY = "没有模拟交换局：仅虚拟板可用。", "There is no simulated exchange: only the virtual board has one.";
    TEST_CALL = "已请模拟交换局拨打 {}。", "The simulated exchange was asked to dial {}.";
    WRONG_HASH = "内容与其哈希不符", "the contents do not fit their hash";
    REFUSED = "核心不接受（检查端口号，或版本不同）",
        "the core refuses it (a port that is not there, or another release)";
    NOT_FOUND = "没有找到", "it is not there";
    FULL = "已达上限", "a limit is reached";
    DISK = "核心的磁盘报错 {}（28 为空间不足，30 为只读）",
        "the core's disk says error {} (28: no space left, 30: read-only)";
    STALE = "已有更新的更改", "a newer change came first";
    SPAN_UP = "正常", "up";
    SPAN_LOS = "无信号（检查电缆）", "no signal (check the cable)";
    SPAN_LOF = "失帧（检查线路设置）", "no frame alignment (check the line's settings)";
    SPAN_AIS = "对端告警 AIS（局端设备故障）", "all ones (the far equipment has lost its input)";
    SPAN_RAI = "对端告警 RAI（对端收不到本端）", "remote alarm (the far side does not understand us)";
    SPAN_LOMF = "无 CRC-4 复帧（检查 CRC-4 设置）", "no CRC-4 multiframe (check the CRC-4 setting)";
    SPAN_FOREIGN = "16 时隙的信令种类与本端不同（PRI 或 R2）",
        "slot 16 carries the other kind of signalling (PRI or R2)";
    SPAN_LOM = "16 时隙无复帧（检查对端是否为 R2）", "no multiframe in slot 16 (is the far end R2?)";
    SPAN_ROM = "对端收不到本端的复帧", "the far side gets no multiframe of ours";
    BITS_UP = "R2 信令正常", "R2 signalling up";
    BITS_DOWN = "R2 信令中断", "R2 signalling down";
    CIRCUITS_LINE = "R2 电路：示闲 {} 条；记发器成功 {} 次、失败 {} 次（最近连续 {} 次）；占用未证实 {} 次；双向占用 {} 次。",
        "R2 circuits: {} idle; registers done {}, failed {} (the last {} in a row); seizures not \
         acknowledged {}; double seizures {}.";
    CIRCUITS_IDLE = "示闲：{}", "Circuits idle: {}";
    CIRCUITS_FAR_BLOCKED = "对端闭塞：{}", "Circuits blocked by the far end: {}";
    CIRCUITS_BLOCKED = "本端闭塞：{}", "Circuits blocked here: {}";
    CIRCUIT_CALL = "电路 {}：{}，呼叫 {}", "Circuit {}: {}, call {}";
    CIRCUIT_SEIZING = "去话占用", "seizing";
    CIRCUIT_UNACKNOWLEDGED = "去话占用未证实", "seized, never acknowledged";
    CIRCUIT_DOUBLE = "双向占用", "seized from both ends";
    CIRCUIT_SEIZED = "去话占用证实", "seized";
    CIRCUIT_ANSWERED = "去话应答", "answered";
    CIRCUIT_CLEARED_BACK = "去话后向拆线", "cleared back";
    CIRCUIT_CLEARING = "前向拆线", "clearing";
    CIRCUIT_SEIZED_IN = "来话占用", "seized by the far end";
    CIRCUIT_ANSWERED_IN = "来话应答", "answered, called by the far end";
    CIRCUIT_CLEARED_BACK_IN = "来话后向拆线", "cleared back, called by the far end";
    CIRCUIT_GUARD = "释放监护", "release guard";
    FOUND_FAR_BITS = "对端在 16 时隙发送随路信令（R2），本端为 PRI：在 board 文件设 signalling = \"cas\"，或请对端改为 PRI。",
        "The far end sends signalling bits (R2) on slot 16, and our end is PRI: set `signalling = \
         \"cas\"` in the board file, or have the far end changed.";
    FOUND_FAR_FRAMES = "对端在 16 时隙发送 D 信道的帧（PRI），本端为 R2：在 board 文件设 signalling = \"pri\"，或请对端改为 R2。",
        "The far end sends messages of a D channel (PRI) on slot 16, and our end is R2: set \
         `signalling = \"pri\"` in the board file, or have the far end changed.";
    FOUND_LOM = "对端的 16 时隙没有复帧：请对端核对该线路是否配置为 R2 随路信令（CAS）。",
        "Slot 16 comes without a multiframe: check at the far end that the line is configured for \
         R2 with signalling bits (CAS).";
    FOUND_ROM = "对端收不到本端 16 时隙的复帧：对端 16 时隙的设置不符，或发送线路有误。",
        "The far end gets no multiframe of ours: its slot 16 is set up otherwise, or our transmit \
         pair disturbs it.";
    FOUND_ALL_BLOCKED = "对端闭塞了全部电路：请对端开放（解除闭塞）。",
        "The far end blocks all circuits: have them opened there.";
    FOUND_SOME_BLOCKED = "对端闭塞了部分电路（见 show span）：请对端开放，或核对开通的电路数。",
        "The far end blocks some circuits (show span tells which): have them opened there, or \
         compare how many it has put in service.";
    FOUND_STRANGE_BITS = "对端的线路信号不属于本端所设的国家：核对 board 文件的 r2。",
        "The far end shows line signals that the country set here does not have: check `r2` in the \
         board file.";
    FOUND_UNACKNOWLEDGED = "对端不证实本端的占用：核对对端电路是否为双向或来话，及双方的 R2 国家。",
        "The far end does not acknowledge our seizures: check there that the circuits take calls, \
         and the R2 country at both ends.";
    FOUND_REGISTERS = "记发器信号互不理解：核对 board 文件的 r2（国家）、digits（被叫位数）和 caller。",
        "The registers do not understand each other: check `r2` (the country), `digits` (of called \
         numbers) and `caller` in the board file.";
    LINK_UP = "链路已建立", "data link up";
    LINK_DOWN = "链路未建立", "data link down";
    LINK_UP_OF = "由 E1 {} 的链路控制，已建立", "data link up, that of E1 {}";
    LINK_DOWN_OF = "由 E1 {} 的链路控制，未建立", "data link down, that of E1 {}";
    LOOKING = "正在观察 E1 {}，约 {} 秒。", "Looking at E1 {} for about {} s.";
    FOUND_NOTHING = "没有发现问题。", "Nothing is found to be wrong.";
    FOUND_MISSING = "线路卡或其驱动不存在：检查卡是否插好、驱动是否加载，以及 board 文件。",
        "The hardware of this span, or its driver, is not there: check that the card sits in its \
         slot, that its driver is loaded, and the board file.";
    FOUND_FORBIDDEN = "核心无权打开该线路的设备：检查设备文件的属主和权限。",
        "The core may not open the device of this span: check owner and rights of its file.";
    FOUND_BUSY = "另一个程序占用了该线路：停止它（例如 Asterisk）。",
        "Another program has this span: stop it (Asterisk, perhaps).";
    FOUND_REFUSED = "线路卡不接受 board 文件中的设置：核对成帧、线路码和 CRC-4。",
        "The card does not take the settings of the board file: check framing, line code and \
         CRC-4.";
    FOUND_OVERRIDDEN = "另一个程序改动了该线路的设置：停止它，然后重新启动核心。",
        "Another program has changed the settings of this span: stop it and start the core again.";
    FOUND_FAILING = "线路卡反复报错：查看内核日志，必要时更换线路卡。",
        "The card answers with errors again and again: look at the kernel's log, change the card.";
    FOUND_SILENT = "线路卡没有数据：卡的时钟或驱动已停，重新加载驱动。",
        "Nothing comes from the card: its clock or driver has stopped; load the driver again.";
    FOUND_LOS = "收不到信号：检查电缆是否插好、收发是否接反、对端是否通电。",
        "No signal comes in: check that the cable is plugged in, that receive and transmit are not \
         swapped, and that the far end has power.";
    FOUND_AIS = "对端发来全 1：对端设备自身收不到上游信号，请联系电信局。",
        "The far end sends all ones: it has lost its own input. Call the telephone company.";
    FOUND_LOF = "有信号但没有帧：对端不是 E1 成帧（可能是 T1 或非成帧），或阻抗（75/120 欧）不符。",
        "A signal comes without frames: the far end does not send framed E1 (T1 or unframed), or \
         75 and 120 ohms are mixed.";
    FOUND_LOMF = "对端没有 CRC-4：在本端 board 文件关闭 CRC-4，或请对端打开。",
        "The far end sends no CRC-4: switch CRC-4 off in our board file, or on at the far end.";
    FOUND_RAI = "对端收不到本端：检查本端发送线对，以及两端的成帧和 CRC-4 设置。",
        "The far end does not understand us: check our transmit pair, and framing and CRC-4 at \
         both ends.";
    FOUND_SLIPS = "时钟不同步（出现滑码）：让本端跟随电信局的时钟，不要两端都用自己的时钟。",
        "The clocks do not run together (slips): let the box follow the telephone company's clock; \
         not each end its own.";
    FOUND_ERRORS_HERE = "收到的数据有误码：检查电缆、接头和接地；用 bert 测试。",
        "What comes in has bit errors: check cable, plugs and earth; test it with bert.";
    FOUND_ERRORS_THERE = "对端收到的数据有误码：检查本端的发送线对和接头。",
        "What the far end receives has bit errors: check our transmit pair and its plugs.";
    FOUND_NO_FRAMES = "对端发来 E1 帧，但 16 时隙没有 D 信道的帧：请对端核对该线路是否配置为 PRI。",
        "The far end sends E1 frames but no messages on slot 16: check there that it is configured \
         for PRI, with its D channel on slot 16.";
    FOUND_BAD_FRAMES = "16 时隙只有损坏的帧：对端的 D 信道不是 64 kbit/s HDLC，或用了随路信令（R2）。",
        "Only damaged frames come on slot 16: the far end's D channel is no HDLC at 64 kbit/s, or \
         it signals by channel (R2).";
    FOUND_MIRRORED = "收到的帧只有本端才会发：线路被环回，或对端与本端是同一侧。",
        "Only frames come that our own side sends: the line is looped, or the far end plays our \
         side.";
    FOUND_LOOP = "收到的是自己发出的帧：线路被环回，拔掉环回插头或请电信局撤销环回。",
        "Our own frames come back: the line is looped. Pull the plug out or have the loop removed.";
    FOUND_SAME_SIDE = "对端与本端是同一侧（都是用户侧或都是网络侧）：改变其中一端；本端在配置 [[span]] 的 side。",
        "The far end plays the same side as we do (both user, or both network): change one of \
         them; ours is `side` of [[span]] in the configuration.";
    FOUND_REFUSES = "对端拒绝建立数据链路（DM）：对端的 D 信道已停用，请对端启用。",
        "The far end refuses the data link (DM): its D channel is out of service; have it enabled.";
    FOUND_ADDRESS = "对端使用另一个地址（TEI 或 SAPI）：请对端设为 PRI 点到点、TEI 0。",
        "The far end uses another address (TEI or SAPI): have it set to point-to-point, TEI 0.";
    FOUND_SET_UP_AGAIN = "对端反复重建数据链路：它的第三层在重启，或设置（交换机类型）不符。",
        "The far end sets the data link up again and again: it restarts, or its switch type \
         differs.";
    FOUND_NO_ANSWER = "对端不回答数据链路的询问：请对端检查 D 信道。",
        "The far end does not answer on the data link: have its D channel checked.";
    FOUND_OTHER_DOWN = "同组的另一条 D 信道不通：请用 diagnose span 检查其所在的 E1；此条再断，通话将中断。",
        "The other D channel of the group is down: diagnose its span; without this one calls end.";
    FOUND_LINK_DOWN = "数据链路未建立，原因未知：用 capture span 记录 D 信道。",
        "The data link is down, and why cannot be seen from here: record it with `capture span`.";
    FOUND_BLOCKED = "对端不确认时隙的 RESTART：这些时隙暂不使用；请对端启用它们。",
        "The far end does not acknowledge the RESTART of some channels, which carry no calls until \
         it does: have them put in service there.";
    FOUND_UNKNOWN_CALLED = "来话的被叫号码不在配置中：在 config.toml 加入 [[number]]（见 show records）。",
        "Calls come for numbers that the configuration does not have: add a [[number]] for them \
         (show records tells which).";
    FOUND_UNKNOWN_DIALLED = "电信局不认识本端拨出的号码：检查 [[trunk]] 的 strip 和前缀。",
        "The telephone company does not know the numbers that we dial: check `strip` and `prefix` \
         of the [[trunk]].";
    FOUND_INCOMPLETE = "电信局说拨出的号码不完整：检查 [[trunk]] 的 strip 和 at_least。",
        "The telephone company says that the numbers that we dial are incomplete: check `strip` \
         and `at_least` of the [[trunk]].";
    FOUND_NOT_ALLOWED = "电信局拒绝去话：核对业务权限和主叫号码。",
        "The telephone company refuses our calls: check the subscription and the calling number.";
    FOUND_NO_CHANNEL = "电信局说没有可用时隙：核对开通的时隙数和 board 文件。",
        "The telephone company says that there is no such channel: compare the channels that it \
         has \
         put in service with the board file.";
    FOUND_BEARER = "电信局不接受承载能力：核对开通的业务是否为话音。",
        "The telephone company does not take the bearer capability: check that speech is \
         subscribed.";
    SPAN_QUALITY = "质量（G.826）：本端接收 | 对端接收",
        "Quality (G.826): what we receive | what the far side receives";
    SPAN_QUALITY_UNAVAILABLE = "质量（G.826），现在不可用：本端接收 | 对端接收",
        "Quality (G.826), unavailable at present: what we receive | what the far side receives";
    SPAN_QUALITY_COLUMNS =
        "  时段                    秒数   误码   严重   背景块   不可用 |  误码   严重   背景块 不可用 | 滑码",
        "  interval                 secs errored severe  blocks unavail |\
         errored severe blocks unavail | slips";
    SPAN_NOW = "当前 15 分钟", "this quarter";
    SPAN_DAY = "最近 24 小时", "last 24 hours";
    D_CHANNEL_NEWS = "E1 {}（E1 {} 组）的 D 信道：{}", "D channel of E1 {}, group of E1 {}: {}";
    D_CHANNEL_LINE = "D 信道：{}。", "D channel: {}.";
    D_ACTIVE = "使用中", "active";
    D_STANDBY = "备用", "standby";
    D_OUT_OF_SERVICE = "停用", "out of service";
    D_MAINTENANCE_BUSY = "维护占用", "maintenance busy";
    LINK_LINE = "数据链路：{}；{} 条消息未确认。",
        "Data link: {}; {} messages not acknowledged.";
    LINK_4 = "未建立（状态 4）", "not set up (state 4)";
    LINK_5 = "等待对端应答 SABME（状态 5）", "SABME sent, no answer yet (state 5)";
    LINK_6 = "正在释放（状态 6）", "being released (state 6)";
    LINK_7 = "已建立（状态 7）", "established (state 7)";
    LINK_8 = "正在询问对端（状态 8）", "the far side is asked for its state (state 8)";
    LINK_ERRORS = "  错误（Q.921 MDL）：{}；重发 {}，无效帧 {}，其他 SAPI {}，其他 TEI {}。",
        "  Errors (MDL, Q.921): {}; sent again {}, invalid {}, other SAPI {}, other TEI {}.";
    CHANNELS_FREE = "空闲时隙：{}", "Channels free: {}";
    CHANNELS_BLOCKED = "重启后才可使用的时隙：{}", "Channels restarted before they carry calls: {}";
    CHANNELS_TESTED = "测试中的时隙：{}", "Channels under test: {}";
    CHANNELS_OFF = "配置中停用的时隙：{}", "Channels out of service by configuration: {}";
    CHANNELS_HELD = "维护人员闭塞的时隙：{}", "Channels blocked by the operator: {}";
    CHANNEL_CALL = "时隙 {}：{}（{}），呼叫 {}", "Channel {}: {} ({}), call {}";
    CALL_0 = "空闲", "null";
    CALL_1 = "呼叫已发起", "call initiated";
    CALL_2 = "重叠发送", "overlap sending";
    CALL_3 = "去话处理中", "outgoing call proceeding";
    CALL_4 = "去话已振铃", "call delivered";
    CALL_6 = "来话到达", "call present";
    CALL_7 = "来话振铃", "call received";
    CALL_8 = "请求接通", "connect request";
    CALL_9 = "来话处理中", "incoming call proceeding";
    CALL_10 = "通话", "active";
    CALL_11 = "请求拆线", "disconnect request";
    CALL_12 = "对端拆线", "disconnect indication";
    CALL_19 = "请求释放", "release request";
    CALL_25 = "重叠接收", "overlap receiving";
    TEST_BEGINS = "用 O.151 图案测试 E1 {} 的空闲时隙，{} 秒；测试期间这些时隙不接续呼叫。回车提前结束。",
        "Testing the free channels of E1 {} with the pattern of O.151 for {} s; they carry no \
         calls meanwhile. Enter ends it.";
    TEST_LINE = "{}/{} 秒：{}/{} 个时隙收到图案，比特 {}，误码 {}，误码秒 {}，失步 {}",
        "{} of {} s: {} of {} channels receive the pattern; bits {}, errors {}, errored seconds \
         {}, losses {}";
    TEST_PASSED = "通过。", "Passed.";
    TEST_FAILED = "未通过：线路须在远端环回，或由对端发送同样的图案。",
        "Failed. (The line must be looped at its far end, or the far end send the same pattern.)";
    LISTENING = "正在记录，最长 {} 秒；文件：核心目录 captures 下的 {}。左声道收，右声道发。回车提前结束。",
        "Writing for at most {} s to {} in the core's folder captures: left what comes, right what \
         is sent. Enter ends it.";
    LISTENED = "已记录 {} 秒。", "{} s are written.";
    LISTENING_ALREADY = "此处已在记录，或同时记录的端口已满。",
        "Somebody listens there already, or at as many places as can be.";
    SOUND_LEVELS = "收到 {} dBm0，消回声后 {}，发出 {}，削波样点 {}",
        "Came {} dBm0, without echo {}, sent {}; clipped samples {}";
    SOUND_GAIN = "增益：收 {} dB（{}），发 {} dB（{}）", "Gain in {} dB ({}), out {} dB ({})";
    GAIN_OF_NOBODY = "未设", "nobody says one";
    GAIN_OF_BOARD = "板文件中此端口", "its field in the board file";
    GAIN_OF_COUNTRY = "plan = \"country\"，国家文件", "plan = \"country\", the country file";
    GAIN_OF_ITU = "plan = \"itu\"，国际电联", "plan = \"itu\"";
    SOUND_ECHO = "回声比发出的低 {} dB，消除 {} dB，最强处 {} ms；双讲 {} ms",
        "Its echo is {} dB below what was sent, {} dB of it are taken away, strongest after {} ms; \
         both talked for {} ms";
    SOUND_WELL = "三秒内未听出声音有问题。", "Nothing is wrong with the sound of these three seconds.";
    SOUND_OTHER_LAW = "收到的声音像是另一种编码律（A 律与 µ 律不一致）：核对国家文件的 law，或请对端改为本机的编码律。",
        "What comes sounds like the other law (A-law and µ-law mixed up): check law in the country \
         file, or have the far end send ours.";
    SOUND_CLIPPED = "收到的声音过大而削波：请对端降低电平，或在板文件中设 gain_in_db = -6。",
        "What comes is too loud and clipped: have the far end send less, or set gain_in_db = -6 in \
         the board file.";
    SOUND_LEANS = "收到的声音带有恒定偏移：板卡或对端的转换器有故障，或对端发送的空闲码不对。",
        "What comes has a constant in it: the card or the far end's converter is faulty, or it \
         sends another law's idle code.";
    SOUND_NOISE = "只有噪声，无人说话：检查接线、接地与对端设备。",
        "Only noise comes and nobody speaks: check the wires, their earth and the far end.";
    SOUND_NOTHING = "没有任何声音传来：单通，或对端静音；检查对端时隙是否接通。",
        "Nothing comes at all: the far end is muted or its channel is not connected.";
    SOUND_FOREIGN = "交换机送来 {} Hz 的音，本机所设国家没有这种音：检查板文件的 country。",
        "A tone of {} Hz comes from the exchange, and the country set here has none like it: check \
         country in the board file.";
    SOUND_NO_ECHO = "没有发现回声。", "No echo was found.";
    SOUND_NO_CANCELLER = "此端口没有回声消除（板文件的 echo）。",
        "It has no echo canceller of ours (echo in the board file).";
    SOUND_SPEECH = "说话占 {}%", "Speech in {} % of the second";
    SOUND_FOUND = "；本次通话中发现：{}", "; in this call: {}";
    FOUND_FAX_CALLS = "传真机呼叫", "a fax machine calls";
    FOUND_MODEM_CALLS = "调制解调器呼叫", "a modem calls";
    FOUND_FAX_ANSWERS = "传真机应答", "a fax machine answers";
    FOUND_MODEM_ANSWERS = "调制解调器应答", "a modem answers";
    FOUND_FAX_TALKS = "传真信令", "a fax machine talks";
    FOUND_ANNOUNCEMENT = "网络录音通知", "an announcement of the network";
    FOUND_PERSON = "真人应答", "a person answered";
    FOUND_MACHINE = "机器应答", "a machine answered";
    FOUND_RECORDING = "机器开始录音", "a machine records";
    FOUND_NOBODY = "应答后无人说话", "nobody spoke";
    FOUND_MUSIC = "音乐", "music";
    TEST_BUSY = "没有空闲时隙可测试。", "No channel is free to be tested.";
    CORE_STARTED = "核心已启动（第 {} 次）。", "The core has started (start {}).";
    CORE_RUNS = "核心自 {} 起运行（第 {} 次启动），{} 个通话。",
        "The core runs since {} (start {}) and carries {} calls.";
    CORE_CLEAN = "启动时没有可继续的通话。", "It had nothing to go on with when it started.";
    CORE_RESTORED = "启动时继续了 {} 个通话，用时 {} 毫秒。",
        "It went on with {} calls when it started, which took {} ms.";
    CORE_POWER_CUT = "断电后启动：{} 个通话已中断并写入话单。",
        "It started after a power cut: {} calls were cut off and have their records.";
    CORE_JOURNAL = "通话日志：进行中的内容 {} KiB，已写 {} / {} KiB，共 {} 次变更，最近一次在 {} 秒前。",
        "Journal of calls: {} KiB for what goes on, {} of {} KiB written, {} changes, the last one \
         {} s ago.";
    CORE_UPGRADED = "新的核心程序已就绪，正在接替；通话继续。show core 显示结果。",
        "The new core is ready and takes over; calls go on. See: show core.";
    CORE_NOT_UPGRADED = "新的核心程序未能启动，当前核心继续运行。原因见核心的日志。",
        "The new core did not come up; the present one goes on. The core's log tells why.";
    CORE_WENT_ON = "核心已重新启动（第 {} 次），{} 个通话继续进行。",
        "The core has started again (start {}) and goes on with {} calls.";
    OFFERED = "{} 呼入 {}（{}）。", "{} calls {} on {}.";
    IN_FLOW = "进入流程 {}。", "The flow {} takes the call.";
    ANSWERED = "本机应答。", "The box answers.";
    PROMPT = "播放提示音 {}。", "The caller hears the prompt {}.";
    PRESSED = "主叫按键 {}。", "The caller presses {}.";
    RINGING = "分机 {} 振铃。", "Extension {} rings.";
    IDENTIFIED = "交换局已登记主叫（恶意呼叫识别）。", "the exchange has noted who calls.";
    NOT_IDENTIFIED = "交换局未登记主叫：未开通此业务，或线路不是 ISDN。",
        "the exchange has not noted who calls: it does not offer that, or the line is not ISDN.";
    DEFLECTED = "交换局已将主叫转走。", "the exchange has sent the caller elsewhere.";
    JOINED = "交换局已将双方直接接通。", "the exchange has joined both without the box.";
    CONNECTED = "{} 接听，双方通话。", "{} answers; both talk.";
    ENDED = "通话结束：{}，原因 {}。", "The call ends: cleared by {}, cause {}.";
    ALARM_PROMPT =
        "提示音 {} 缺失，主叫将听不到；请重新生成提示音。",
        "The prompt {} is missing; callers hear nothing there. Build the prompts again.";
    ALARM_PROMPT_ROOM = "提示音 {} 放不下内存。", "There is no room in memory for the prompt {}.";
    ALARM_PROGRAM = "流程或号码表 {} 缺失，请执行 load。", "The flow or directory {} is missing. Run `load`.";
    ALARM_DISK =
        "状态目录无法写入（错误 {}），呼叫继续。",
        "The state folder cannot be written to (error {}). Calls go on.";
    ALARM_SHORT =
        "事件缓存空间不足，已丢弃 {} 条细节；话单不受影响。",
        "The spool runs short: {} details were dropped. Records are kept.";
    ALARM_FULL =
        "事件缓存已满，新呼叫被拒绝；请检查管理进程。",
        "The spool is full and new calls are refused. Check the daemon.";
    ALARM_ERASING =
        "磁盘空间不足（剩余 {} MB）：正在删除最旧的录音。请备份录音，或设置 recordings.keep_days。",
        "The disk runs short of room ({} MB are free): the oldest recordings are erased. Copy them \
         elsewhere, or set recordings.keep_days.";
    ALARM_NO_ROOM =
        "磁盘空间不足（剩余 {} MB），已没有可删除的录音；不足 {} MB 时停止录音，通话不受影响。",
        "The disk runs short of room ({} MB are free) and no recording may be erased. Below {} MB \
         nothing is recorded; calls go on.";
    ALARM_NOT_ERASED =
        "录音 {} 无法删除：{}。请检查录音目录的权限。",
        "Recording {} cannot be erased: {}. Check the permissions of its folder.";
    ALARM_CARD_GONE = "线路卡失去响应。", "The line card stopped answering.";
    ALARM_CARD_BACK = "线路卡已恢复。", "The line card answers again.";
    ALARM_BLOCKS = "累计丢失语音块 {} 个。", "{} blocks of sound were lost so far.";
    ALARM_MACHINE =
        "呼叫 {} 因内部错误被拆除，请报告。",
        "Call {} was ended by an internal fault. Please report it.";
    ALARM_GAP = "事件 {} 无法读出，已跳过。", "Event {} could not be read and was skipped.";
    ALARM_PORT = "{}：{}。", "{}: {}.";
    ALARM_BUTTON =
        "按钮 {} 被长按：要求恢复出厂设置。尚未清除任何内容，本版本也不会清除；\
         若是误按，无需处理；若确要恢复，请先备份配置，升级后再长按一次。",
        "Button {} was held: a factory reset was asked for. Nothing is erased yet, and this \
         release erases nothing. If it was a mistake, do nothing; if it was meant, save the \
         configuration and hold the button again after the next update.";
    ALARM_JOURNAL_ASIDE = "通话日志被搁置（state/journal.aside）：{}。核心以空状态启动；\
         搁置前正在进行的通话已丢失。",
        "The journal of calls was set aside (state/journal.aside): {}. The core started clean; \
         calls that were up before are lost.";
    ALARM_JOURNAL_FULL = "通话日志已满：通话继续，但核心重启后不会保留。请在空闲时重启核心。",
        "The journal of calls is full: calls go on, but would not outlive the core. Restart the \
         core when it is quiet.";
    JOURNAL_FORMAT = "由另一版本写成，本版本无法读取",
        "another release wrote it, in a format that this one does not read";
    JOURNAL_DAMAGED = "内容已损坏", "it is damaged";
    JOURNAL_CRASHES = "核心使用它反复崩溃", "the core crashed with it again and again";
    PORT_WORKS = "正常", "works";
    PORT_MISSING =
        "未找到硬件（检查插接和驱动，或修改板卡文件）",
        "the hardware is not there (check the plug and the driver, or correct the board file)";
    PORT_FORBIDDEN =
        "没有权限打开设备（检查 /dev 中设备的属主）",
        "no permission to open its device (check who owns it in /dev)";
    PORT_BUSY =
        "被其他程序占用（请停止该程序）",
        "another program has it (stop that program)";
    PORT_REFUSED =
        "驱动不接受设置（错误 {}；核对板卡文件中的编号）",
        "the driver refuses the settings (error {}; compare the numbers in the board file)";
    PORT_OVERRIDDEN =
        "成帧设置被其他程序更改（请停止该程序，或清空 /etc/dahdi/system.conf）",
        "another program changed its framing (stop it, or empty /etc/dahdi/system.conf)";
    PORT_FAILING =
        "读写反复出错（错误 {}；请重新插接或更换）",
        "reading fails again and again (error {}; plug it anew, or replace it)";
    PORT_SILENT =
        "驱动不再提供数据（检查时钟源，重新插接）",
        "nothing comes from the driver (check the clock source, plug it anew)";
    PORT_UNEXPECTED =
        "板卡文件中没有它（用 detect 生成新文件）",
        "the board file does not name it (`ringmain-core detect` proposes a new file)";
    PORT_CONTRADICTION =
        "回读的位置与控制不符（检查接线）",
        "its position contradicts what it was told (check its wires)";
    PORT_VOLTS = "，线间 {} V，电池 {} V", ", {} V across the line, battery {} V";
    NO_PORTS = "板卡文件没有任何端口。", "The board file names no socket at all.";
    SPAN_NEWS = "E1 {}：{}。", "E1 {}: {}.";
}

/// A sentence with its arguments.
#[must_use]
pub fn say(language: Language, text: Text, arguments: &[&str]) -> String {
    let mut arguments = arguments.iter();
    let mut parts = text.0[language as usize].split("{}");
    let mut said = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        said.push_str(arguments.next().unwrap_or(&""));
        said.push_str(part);
    }
    said
}

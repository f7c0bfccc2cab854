"""What each deny code says: rule, sentence and next step in both languages. docs/errors.md is this table (a test keeps it so)."""

from __future__ import annotations

from gateway.domain.codes import Code, CodeText

CODE_TEXTS: dict[Code, CodeText] = {
    Code.E_NO_PERMIT: CodeText(
        "R01 R20",
        "作业没有准印证。",
        "在“我的”页面为此作业申请准印证，或填写已有的准印证号。",
        "The job has no print permit.",
        "Ask for a permit from the held job, or enter the number of one you have.",
    ),
    Code.E_PERMIT_UNKNOWN: CodeText(
        "R01",
        "没有这个准印证号。",
        "核对准印证上的编号后重新填写。",
        "No permit has this number.",
        "Compare it with the slip and enter it again.",
    ),
    Code.E_PERMIT_MISTYPED: CodeText(
        "R01",
        "准印证号的校验字符不符，多半是输错了。",
        "核对编号（最后一位是校验字符）后重新填写。",
        "The permit number's check character does not fit; it was probably mistyped.",
        "Compare it with the slip (the last character is the check) and enter it again.",
    ),
    Code.E_PERMIT_PENDING: CodeText(
        "R01 R05 R06",
        "准印证尚未批准完毕。",
        "等待审批；批准后作业自动变为可放行。",
        "The permit is not approved yet.",
        "Wait for the approvers; the job becomes releasable by itself.",
    ),
    Code.E_PERMIT_EXPIRED: CodeText(
        "R01",
        "准印证不在有效期内。",
        "申请延期，或申请新的准印证。",
        "The permit is not valid at this time.",
        "Ask for an extension or a new permit.",
    ),
    Code.E_PERMIT_REVOKED: CodeText(
        "R01", "准印证已撤销、被拒绝或已关闭。", "申请新的准印证。", "The permit was revoked, refused or closed.", "Ask for a new permit."
    ),
    Code.E_PERMIT_CHANNEL: CodeText(
        "R01 R20",
        "准印证的种类不适用于这种作业。",
        "使用与打印、复印或传真相应的准印证。",
        "The permit is for another kind of job.",
        "Use a permit for this channel: print, copy or fax.",
    ),
    Code.E_PERMIT_CONFLICT: CodeText(
        "R01",
        "作业中出现了几个不同的准印证号。",
        "由本人或机要管理员确认其中一个。",
        "The job names several different permits.",
        "Its owner or the operator says which one is meant.",
    ),
    Code.E_QTY_EXCEEDED: CodeText(
        "R10",
        "超过批准的份数。",
        "减少份数，或申请新的准印证。",
        "More copies than approved.",
        "Print fewer copies, or ask for a new permit.",
    ),
    Code.E_PAGES_MISMATCH: CodeText(
        "R10",
        "页数与批准的页数不同。",
        "按批准的版本打印（不缩印、不选页），或申请新的准印证。",
        "The number of pages is not the one approved.",
        "Print the approved rendition (all pages, full size), or ask for a new permit.",
    ),
    Code.E_COUNTING: CodeText(
        "R10 R30", "正在清点页数。", "稍候；通常只需几秒。", "The pages are being counted.", "Wait a moment; it takes seconds."
    ),
    Code.E_COUNT_DISAGREES: CodeText(
        "R10",
        "两种方法清点的页数不同。",
        "由人核查；请从原程序重新打印。",
        "Two independent counters disagree about the pages.",
        "A person must look at it; print it again from the program that made it.",
    ),
    Code.E_FORMAT: CodeText(
        "R10",
        "收到的不是可以清点的格式。",
        "不要使用原始（raw）方式，从程序正常打印。",
        "What arrived is not of a format that can be counted.",
        "Print from the program normally, not raw.",
    ),
    Code.E_PASSWORD: CodeText(
        "R10",
        "文件有口令，无法清点。",
        "去掉口令后重新打印。",
        "The document is protected by a password.",
        "Remove the password and print again.",
    ),
    Code.E_LIMIT: CodeText(
        "R10 R30",
        "文件超过页数、尺寸、时间或内存的限制。",
        "拆分文件，或请系统管理员调整限制。",
        "The document exceeds the limits of pages, size, time or memory.",
        "Split it, or have the limits changed.",
    ),
    Code.E_DAMAGED: CodeText(
        "R10 R30", "文件已损坏。", "从原程序重新打印。", "The document is damaged.", "Print it again from the program that made it."
    ),
    Code.E_HASH_MISMATCH: CodeText(
        "R42",
        "内容与批准时不同。",
        "打印批准的那一版，或申请新的准印证。",
        "The pages differ from the approved ones.",
        "Print the approved version, or ask for a new permit.",
    ),
    Code.E_LEVEL_MISMATCH: CodeText(
        "R07 R26",
        "文件上的密级标志与准印证不同。",
        "更正密级，或申请相应密级的准印证。",
        "The classification found in the document is not the permit's.",
        "Correct the level, or ask for a permit of that level.",
    ),
    Code.E_MARKING_INVALID: CodeText(
        "R07 R26",
        "密级标志不合规定。",
        "按“密级★期限”更正；秘密最长10年、机密20年、绝密30年，内部不加★。",
        "The classification mark is not valid.",
        "Correct it: level★term; at most 10 years for 秘密, 20 for 机密, 30 for 绝密; no ★ for 内部.",
    ),
    Code.E_DEPT_MISMATCH: CodeText(
        "R08",
        "准印证属于另一个部门。",
        "使用本部门的准印证。",
        "The permit belongs to another department.",
        "Use a permit of your own department.",
    ),
    Code.E_DEVICE_LEVEL: CodeText(
        "R03 R04",
        "这台设备不得输出此密级，或不在准印证指定的设备之列。",
        "送到机要室或指定地点的设备。",
        "This device may not put out this level, or the permit does not name it.",
        "Send it to a device of the confidential room.",
    ),
    Code.E_CLEARANCE: CodeText(
        "R28 R94",
        "人员的涉密等级不够，或未签保密承诺书。",
        "由有相应涉密等级的人办理。",
        "The person is not cleared for this level.",
        "Have a person with the clearance do it.",
    ),
    Code.E_USER_UNKNOWN: CodeText(
        "R87",
        "提交作业的系统用户没有对应的账户。",
        "请系统管理员建立账户或设置对应的系统用户名。",
        "No account belongs to the system user who sent the job.",
        "Have the system administrator map this user to an account.",
    ),
    Code.E_CIPHER_TELEGRAM: CodeText(
        "R17 R18",
        "密码电报不得打印、复印、扫描或传真。",
        "交机要部门处理。",
        "Cipher telegrams must not be printed, copied, scanned or faxed.",
        "Hand it to the telegram office.",
    ),
    Code.E_TOPSECRET_COPY: CodeText(
        "R15", "绝密文件不得复印。", "按规定报请原定密机关。", "Top-secret papers must not be copied.", "Turn to the issuing authority."
    ),
    Code.E_SCOPE: CodeText(
        "R08 R09 R22 R27 R63",
        "与发行范围不符。",
        "更正发行范围（只发单位、不发个人，各单位份数与存档份数之和等于批准份数）；或只发给范围内的部门、不超过其份数。",
        "It does not fit the distribution scope.",
        "Correct the scope (units and not persons; with the archive they equal the approved copies), or give only to its units, within their numbers.",
    ),
    Code.E_SELF_RELEASE: CodeText(
        "R05 R06 R32",
        "本人不得审批自己的申请，同一人不得审批两步。",
        "由另一位审批人办理。",
        "Nobody approves his own request, and nobody fills two steps.",
        "Another approver must do it.",
    ),
    Code.E_OPERATOR_REQUIRED: CodeText(
        "R76",
        "须由机要管理员在设备旁办理。",
        "请机要管理员放行。",
        "Only an operator of the room may do this.",
        "Ask the operator to release it.",
    ),
    Code.E_REPRINT_LIMIT: CodeText(
        "R33", "同一份号的重印次数已到上限。", "申请新的批准。", "This copy number was reprinted too often.", "Ask for a new approval."
    ),
    Code.E_UPPER_DOC_NO_CONSENT: CodeText(
        "R13",
        "翻印、复印上级或外单位的文件，须经发文单位同意或本单位领导批准；注明不得翻印、复制的，须经发文单位同意。",
        "补上发文单位的同意（文号、日期、同意人），或报本单位领导审批。",
        "Papers from elsewhere are reproduced with their issuer's consent or our leader's approval; with a no-copy notice only the former.",
        "Add the issuer's consent (document number, date, person), or have a leader of the unit approve.",
    ),
    Code.E_CLOSED: CodeText(
        "R89",
        "机要室已下班，暂不放行。",
        "作业继续保留；开门后由机要管理员放行。",
        "The room is closed for the day; nothing is released.",
        "The job is kept; an operator opens the room and releases it.",
    ),
    Code.E_SEALED: CodeText(
        "R90",
        "机要室已封存，不放行任何作业。",
        "须两人启封后才能放行。",
        "The room is sealed; nothing is released.",
        "Two people unseal it; then it can be released.",
    ),
    Code.E_CLOCK: CodeText(
        "R101",
        "系统时钟被回拨，核实之前不放行任何作业。",
        "请机要室负责人或安全保密管理员核对时间并确认。",
        "The clock was set back; nothing is released until somebody has checked it.",
        "The head of the room or the security administrator corrects the time and confirms it.",
    ),
    Code.E_SAFE_MODE: CodeText(
        "R30 R86",
        "配置或策略被直接改动，系统处于安全模式，不放行任何作业。",
        "请安全保密管理员核查改动，确认后恢复。",
        "Settings or policy were changed by hand: safe mode, nothing is released.",
        "The security administrator looks at the change and accepts it, or has it undone.",
    ),
    Code.E_EMERGENCY: CodeText(
        "R102",
        "机要室已紧急封锁，不放行任何作业。",
        "须两人解除封锁。",
        "The room is locked in an emergency; nothing is released.",
        "Two people unlock it.",
    ),
    Code.E_FORM: CodeText(
        "R07 R08 R09",
        "申请没有填写完整。",
        "补齐所列项目后重新提交。",
        "The form is not complete.",
        "Fill in what is named and submit it again.",
    ),
    Code.E_VENDOR: CodeText(
        "R24",
        "外单位印制须登记印制资质证号及其相应密级。",
        "填写有相应资质的印制单位，或在本单位设备上印制。",
        "An outside printer needs a recorded licence for this level.",
        "Name a printer that has the licence, or print on the unit's own devices.",
    ),
    Code.E_ALLOWANCE_SPENT: CodeText(
        "R10 R58",
        "超过本部门常年准印证的当月限额。",
        "为此作业单独申请准印证，或等到下月。",
        "It exceeds the month's allowance of the department's standing permit.",
        "Ask for a permit for this job, or wait for the next month.",
    ),
    Code.E_NOT_REVIEWED: CodeText(
        "R31",
        "审批人尚未逐页看完此作业。",
        "在“审批”页面逐页看完后再同意。",
        "The approver has not paged through the job.",
        "Look at every page under Approve, then approve.",
    ),
    Code.E_TELEGRAM_SUSPECTED: CodeText(
        "R17 R18",
        "首页出现密码电报字样，须由人核查。",
        "请机要管理员或保密办查看首页，说明是否密码电报。",
        "Page 1 bears words of a cipher telegram; a person must look.",
        "Have an operator or the secrecy office look at page 1 and say what it is.",
    ),
}

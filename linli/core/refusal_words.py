# ruff: noqa: E501  (a table: one refusal, one line)
"""The words of every refusal: code → (HTTP status, text in both languages)."""

from linli.core.words import Words

WORDS: dict[str, tuple[int, Words]] = {
    # rights
    "not_signed_in": (401, Words("请先登录。", "Please sign in first.")),
    "not_yours": (
        404,
        Words(
            "没有找到，或您无权查看。请核对编号，或联系您的管理员。",
            "Not found, or not yours to see. Check the code or ask your administrator.",
        ),
    ),
    "not_allowed": (
        403,
        Words(
            "您的岗位不能办理“{step}”。可以办理的岗位：{roles}。",
            "Your post may not take the step “{step}”. These may: {roles}.",
        ),
    ),
    "scope_missing": (
        403,
        Words(
            "接口令牌缺少权限“{scope}”。请让安全管理员补授。",
            "The token lacks the scope “{scope}”. Ask the security administrator to grant it.",
        ),
    ),
    "token_unknown": (
        401,
        Words(
            "接口令牌无效或已停用。请核对或重新申请。",
            "The token is unknown or was ended. Check it or ask for a new one.",
        ),
    ),
    "two_administrators": (
        409,
        Words(
            "系统、安全、审计管理员须由三人分别担任；{name}已担任“{role}”。",
            "System, security and audit administration are three people's work; {name} already holds “{role}”.",
        ),
    ),
    "audit_too_young": (
        409,
        Words(
            "审计记录至少保存{keep}天，不能提前清除。",
            "Audit lines are kept {keep} days at least and cannot be purged earlier.",
        ),
    ),
    # steps
    "step_unknown": (
        404,
        Words("规程中没有步骤“{step}”。可用的步骤：{steps}。", "The procedure has no step “{step}”. It has: {steps}."),
    ),
    "wrong_stage": (
        409,
        Words(
            "事项目前处于“{stage}”，不能办理“{step}”。请刷新页面查看最新状态。",
            "The matter stands at “{stage}”, where “{step}” cannot be taken. Reload to see its latest state.",
        ),
    ),
    "already_claimed": (
        409,
        Words("{holder}已接单，无需重复接单。", "{holder} has claimed this already; nothing is left to do."),
    ),
    "changed_meanwhile": (
        409,
        Words(
            "其他人刚刚办理过此事项。请刷新后再试，您填写的内容已保留。",
            "Someone has just acted on this matter. Reload and try again; what you wrote is kept.",
        ),
    ),
    "field_missing": (422, Words("请填写“{field}”。", "Please fill in “{field}”.")),
    "field_wrong": (422, Words("“{field}”填写有误：{why}", "“{field}” is not right: {why}")),
    "field_too_long": (
        422,
        Words(
            "“{field}”最多{limit}个字，现有{length}个字。",
            "“{field}” takes at most {limit} characters; this has {length}.",
        ),
    ),
    "field_unknown": (
        422,
        Words("不认识的字段“{field}”。可用字段：{fields}。", "Unknown field “{field}”. Known fields: {fields}."),
    ),
    "choice_unknown": (422, Words("“{field}”只能选择：{choices}。", "“{field}” must be one of: {choices}.")),
    "evidence_missing": (
        422,
        Words(
            "办结“{category}”需要：{kinds}。请补充后再提交。",
            "Completing “{category}” needs: {kinds}. Add it and submit again.",
        ),
    ),
    "children_open": (
        409,
        Words("还有{count}个子事项未办结，请先办结。", "{count} sub-matters are still open; finish them first."),
    ),
    "nobody_to_assign": (
        409,
        Words(
            "“{area}”没有可用的{role}。请改派其他单位或先安排岗位。",
            "Nobody with the post {role} is available in “{area}”. Assign another unit or staff the post first.",
        ),
    ),
    "post_unknown": (
        422,
        Words(
            "没有找到该岗位，或该岗位已结束、请假。请重新选择。",
            "That post was not found, has ended, or is on leave. Choose another.",
        ),
    ),
    "post_outside": (
        422,
        Words(
            "该岗位不负责“{area}”。请选择负责该地的岗位；若勾选了“保留现承办人”，请取消勾选。",
            "That post does not serve {area}. Choose one that does, or untick “keep the present holder”.",
        ),
    ),
    "same_holder": (409, Words("事项已由该岗位承办，无需改派。", "That post holds the matter already.")),
    "merge_self": (409, Words("不能与自身合并。", "A matter cannot be merged with itself.")),
    "merge_closed": (
        409,
        Words(
            "事项{code}已办结或已合并，不能再合并。请选择未办结的事项。",
            "Matter {code} is closed or merged already. Choose an open one.",
        ),
    ),
    "merge_chain": (
        409,
        Words(
            "事项{code}已有并入的事项，请并入主事项。",
            "Matter {code} already has matters merged into it; merge into the main one.",
        ),
    ),
    "erase_open": (
        409,
        Words(
            "事项尚未办结，办理还需要这些信息。请在办结或撤回后再删除。",
            "The matter is still open and its data is needed. Erase it once it is closed or withdrawn.",
        ),
    ),
    "not_merged": (
        409,
        Words("该事项没有合并，不能撤销合并。", "This matter is not merged, so nothing can be undone."),
    ),
    "nothing_to_pause": (
        409,
        Words(
            "没有可以暂停的计时：该计时已超期、已暂停或已停止。请继续办理。",
            "No clock can be paused: it is overdue, paused already, or stopped. Please go on with the matter.",
        ),
    ),
    "nothing_paused": (409, Words("计时没有暂停，无需恢复。", "No clock is paused, so nothing needs to be resumed.")),
    "clock_held": (
        409,
        Words(
            "系统时间异常，时钟已暂停判定。请系统管理员核对时间后确认。",
            "The system's time looks wrong and clocks are held. Ask the system administrator to check and confirm it.",
        ),
    ),
    # intake
    "empty_text": (
        422,
        Words("请用一句话说说是什么事、在哪里。", "Please say in one sentence what is wrong and where."),
    ),
    "text_too_long": (
        422,
        Words(
            "内容最多{limit}个字，现有{length}个字。请先写要点，其余可作为附件。",
            "The text takes at most {limit} characters; this has {length}. Write the main points; attach the rest.",
        ),
    ),
    "bad_json": (400, Words("请求内容不是有效的 JSON：{why}", "The request body is not valid JSON: {why}")),
    "bad_encoding": (
        400,
        Words("内容的编码无法识别。请使用 UTF-8 或 GB18030。", "The encoding could not be read. Use UTF-8 or GB18030."),
    ),
    "body_too_large": (
        413,
        Words(
            "提交内容过大，上限为{limit}。请压缩或分次提交。",
            "The request is too large; the limit is {limit}. Shrink it or send it in parts.",
        ),
    ),
    "too_many": (
        429,
        Words(
            "提交过于频繁，请{seconds}秒后再试。您填写的内容已保留。",
            "Too many requests; try again in {seconds} seconds. What you wrote is kept.",
        ),
    ),
    "busy": (
        429,
        Words(
            "系统正忙，请{seconds}秒后重试，内容尚未提交。",
            "The system is busy; retry in {seconds} seconds. Nothing was submitted.",
        ),
    ),
    "no_room": (
        503,
        Words(
            "系统存储空间已满，内容没有保存。请{seconds}秒后再试；紧急情况请拨打 12345 或 110。",
            "The system's storage is full and nothing was stored. Try again in {seconds} seconds; if it is urgent, call "
            "12345 or 110.",
        ),
    ),
    "not_known": (
        503,
        Words(
            "与数据库的连接中断，内容可能已保存，也可能没有。请在{seconds}秒后用同一 Idempotency-Key 重试，不会重复。",
            "The connection to the database broke: it may have been stored or not. Retry in {seconds} seconds with the "
            "same Idempotency-Key; it will not be doubled.",
        ),
    ),
    "not_stored": (
        500,
        Words(
            "系统出错，内容没有保存。请稍后再试，或拨打 12345。",
            "Something failed and nothing was stored. Try again later, or call 12345.",
        ),
    ),
    "content_type": (415, Words("不支持 {kind}，请使用 {wanted}。", "{kind} is not accepted here; send {wanted}.")),
    "key_reused": (
        409,
        Words(
            "该幂等键已用于另一内容。请更换 Idempotency-Key。",
            "This idempotency key was used with another body. Use a new Idempotency-Key.",
        ),
    ),
    "key_wrong": (
        400,
        Words("Idempotency-Key 须为 1–120 个可见字符。", "Idempotency-Key must be 1–120 visible characters."),
    ),
    "category_unknown": (
        422,
        Words(
            "没有分类“{category}”。请从分类目录中选择，或留空由系统判断。",
            "There is no category “{category}”. Choose one from the catalogue or leave it empty.",
        ),
    ),
    "place_unknown": (
        422,
        Words(
            "没有地方“{area}”。请核对编码，或留空由工作人员判断。",
            "There is no place “{area}”. Check the code or leave it empty.",
        ),
    ),
    "outside_city": (
        422,
        Words(
            "该位置不在本市范围内（{lon}, {lat}）。请核对坐标及坐标系，或改填地址。",
            "That point lies outside the city ({lon}, {lat}). Check it and its coordinate system, or write the address.",
        ),
    ),
    "bad_coordinates": (
        422,
        Words(
            "坐标有误：{why}。经度在前，形如 lon=103.76、lat=29.55。",
            "The coordinates are wrong: {why}. Give them as lon=103.76 and lat=29.55.",
        ),
    ),
    "bad_time": (
        422,
        Words(
            "时间有误：{why}。请写成 2026-11-23T09:30:00+08:00。",
            "The time is wrong: {why}. Write it as 2026-11-23T09:30:00+08:00.",
        ),
    ),
    # files
    "file_kind": (
        415,
        Words(
            "不支持此类文件（{kind}）。请上传 JPG、PNG、WebP 照片或 PDF。",
            "This kind of file ({kind}) is not accepted. Send a JPG, PNG or WebP photo, or a PDF.",
        ),
    ),
    "file_large": (
        413,
        Words("文件超过{limit}。请压缩后再传。", "The file is over {limit}. Shrink it and send it again."),
    ),
    "file_broken": (
        422,
        Words(
            "文件无法读取，可能已损坏。请重新拍照或另存后再传。",
            "The file cannot be read and may be damaged. Take it again or save it anew.",
        ),
    ),
    "image_pixels": (
        422,
        Words(
            "图片像素过大（{pixels}）。请缩小到 5000 万像素以内。",
            "The picture has too many pixels ({pixels}). Shrink it below 50 million.",
        ),
    ),
    "files_many": (
        422,
        Words("照片最多{most}张，请去掉多余的再提交。", "At most {most} photos; please remove the others."),
    ),
    # doors
    "form_broken": (
        400,
        Words("提交的表单无法读取：{why}。请重新提交。", "The form could not be read: {why}. Send it again."),
    ),
    "csrf": (
        403,
        Words(
            "页面已过期（缺少 X-CSRFToken）。请刷新后重试。",
            "The page has gone stale (X-CSRFToken is missing). Reload and try again.",
        ),
    ),
    "no_such_address": (
        404,
        Words("没有这个地址，请对照接口文档核对。", "There is no such address. Check it against the API's document."),
    ),
    "method_wrong": (
        405,
        Words("此地址不接受 {method}，可用：{allowed}。", "This address does not take {method}; it takes {allowed}."),
    ),
    "cursor_wrong": (
        400,
        Words(
            "翻页游标无效，或与本次查询条件不符。请从第一页重新查询。",
            "The cursor is not valid or belongs to another query. Start again from the first page.",
        ),
    ),
    "seen_wrong": (
        400,
        Words('If-Match 应为事项的 seq，例如 "3"。', 'If-Match should be the matter\'s seq, such as "3".'),
    ),
    "upload_unknown": (
        422,
        Words(
            "文件凭据无效或已过期（24 小时）。请重新上传。",
            "That file reference is not valid or has expired (24 hours). Upload the file again.",
        ),
    ),
    "api_key_wrong": (
        403,
        Words(
            "缺少 api_key 或 api_key 无效。请向综治中心申请。",
            "The api_key is missing or not valid. Ask the governance centre for one.",
        ),
    ),
    "jurisdiction_unknown": (
        404,
        Words("没有找到 jurisdiction_id“{given}”。", "The jurisdiction_id “{given}” was not found."),
    ),
    "failed": (500, Words("系统出错，请稍后再试。", "Something failed here; try again later.")),
    # tables of requests
    "row_changed": (
        409,
        Words(
            "编号“{key}”此前已导入，内容与本行不同。请换一个编号，或在事项中补充。",
            "The id “{key}” was imported before with other content. Give the row another id, or add to the matter.",
        ),
    ),
    "no_text_column": (
        422,
        Words(
            "没有找到诉求内容列。请在表头写“留言主题、留言详情、留言时间”或 subject, detail, time。",
            "No column with the requests' words was found. Head the columns subject, detail, time.",
        ),
    ),
    "table_broken": (
        422,
        Words(
            "文件无法读取：{why}。请另存为 UTF-8 的 CSV 或 xlsx 后再导入。",
            "The file cannot be read: {why}. Save it as CSV in UTF-8 or as xlsx and import it again.",
        ),
    ),
    # time
    "year_missing": (
        409,
        Words(
            "工作日历“{calendar}”缺少{year}年的放假调休表，无法计算期限。请系统管理员先录入。",
            "The calendar “{calendar}” has no holiday table for {year}, so the date cannot be computed. Ask the system administrator to add it.",
        ),
    ),
    "calendar_missing": (
        409,
        Words(
            "没有工作日历“{calendar}”，无法计算期限。请系统管理员先录入。",
            "There is no calendar “{calendar}”, so the date cannot be computed. Ask the system administrator to add it.",
        ),
    ),
    # declarations
    "declaration_broken": (
        422,
        Words("声明有误，仍使用上一个正确版本：{why}", "The declaration is broken; the last good version stays: {why}"),
    ),
    "forbidden_column": (
        422,
        Words(
            "不得采集或导入“{column}”：系统不存放宗教、民族、政治面貌、生物识别信息及对人的评级。请删除该列。",
            "“{column}” may not be collected or imported: no religion, ethnicity, political opinion, biometrics or rating of a person is kept. Remove the column.",
        ),
    ),
}
